//! The part of ONNX Runtime's C API that the addon uses: entries of its table of functions by their place in `OrtApi`
//! (onnxruntime_c_api.h). Entries keep their places for ever, new ones come at the end.

use std::ffi::{c_char, c_int, c_void};

/// The version of the table that is asked for: the oldest one that has all entries below, and the layout of `CustomOp`.
pub const VERSION: u32 = 23;

macro_rules! opaque {
    ($($name:ident)*) => {
        $(#[repr(C)]
        pub struct $name {
            opaque: [u8; 0],
        })*
    };
}

opaque! {
    Allocator CustomOpDomain Environment KeyValues KernelContext KernelInfo MemoryInfo OrtSession RunOptions SessionOptions Status TensorInfo
    Value
}

/// Null where all went well; else to be released.
pub type StatusPointer = *mut Status;

/// A path as the system's calls take it.
#[cfg(windows)]
pub type PathCharacter = u16;
#[cfg(not(windows))]
pub type PathCharacter = c_char;

#[repr(C)]
pub struct ApiBase {
    pub table: unsafe extern "system" fn(version: u32) -> *const *const c_void,
    pub version: unsafe extern "system" fn() -> *const c_char,
}

macro_rules! entries {
    ($($place:literal $name:ident($($argument:ty),*) $(-> $result:ty)?;)*) => {
        pub struct Api {
            $(pub $name: unsafe extern "system" fn($($argument),*) $(-> $result)?,)*
        }

        impl Api {
            /// # Safety
            /// `table` is what `ApiBase::table` gives for `VERSION`, and not null.
            pub unsafe fn read(table: *const *const c_void) -> Self {
                // SAFETY: the table has all these entries, and each is a function of this type.
                unsafe {
                    Self {
                        $($name: std::mem::transmute::<
                            *const c_void,
                            unsafe extern "system" fn($($argument),*) $(-> $result)?,
                        >(*table.add($place)),)*
                    }
                }
            }
        }
    };
}

entries! {
    0 create_status(c_int, *const c_char) -> StatusPointer;
    2 error_message(*const Status) -> *const c_char;
    3 create_environment(c_int, *const c_char, *mut *mut Environment) -> StatusPointer;
    8 create_session_from_array(*const Environment, *const c_void, usize, *const SessionOptions, *mut *mut OrtSession) -> StatusPointer;
    9 run(*mut OrtSession, *const RunOptions, *const *const c_char, *const *const Value, usize, *const *const c_char, usize, *mut *mut Value) -> StatusPointer;
    10 create_session_options(*mut *mut SessionOptions) -> StatusPointer;
    14 enable_profiling(*mut SessionOptions, *const PathCharacter) -> StatusPointer;
    17 disable_memory_pattern(*mut SessionOptions) -> StatusPointer;
    19 disable_arena(*mut SessionOptions) -> StatusPointer;
    22 set_log_severity(*mut SessionOptions, c_int) -> StatusPointer;
    23 set_optimization_level(*mut SessionOptions, c_int) -> StatusPointer;
    24 set_threads(*mut SessionOptions, c_int) -> StatusPointer;
    26 create_domain(*const c_char, *mut *mut CustomOpDomain) -> StatusPointer;
    27 add_operator(*mut CustomOpDomain, *const CustomOp) -> StatusPointer;
    28 add_domain(*mut SessionOptions, *mut CustomOpDomain) -> StatusPointer;
    49 create_tensor(*const MemoryInfo, *mut c_void, usize, *const i64, usize, c_int, *mut *mut Value) -> StatusPointer;
    51 tensor_data(*mut Value, *mut *mut c_void) -> StatusPointer;
    60 element_type(*const TensorInfo, *mut c_int) -> StatusPointer;
    61 rank(*const TensorInfo, *mut usize) -> StatusPointer;
    62 dimensions(*const TensorInfo, *mut i64, usize) -> StatusPointer;
    65 tensor_info(*const Value, *mut *mut TensorInfo) -> StatusPointer;
    69 create_memory_info(c_int, c_int, *mut *mut MemoryInfo) -> StatusPointer;
    75 allocate(*mut Allocator, usize, *mut *mut c_void) -> StatusPointer;
    76 free(*mut Allocator, *mut c_void) -> StatusPointer;
    78 default_allocator(*mut *mut Allocator) -> StatusPointer;
    85 float_attribute(*const KernelInfo, *const c_char, *mut f32) -> StatusPointer;
    86 integer_attribute(*const KernelInfo, *const c_char, *mut i64) -> StatusPointer;
    88 input_count(*const KernelContext, *mut usize) -> StatusPointer;
    90 input(*const KernelContext, usize, *mut *const Value) -> StatusPointer;
    91 output(*mut KernelContext, usize, *const i64, usize, *mut *mut Value) -> StatusPointer;
    93 release_status(*mut Status);
    95 release_session(*mut OrtSession);
    96 release_value(*mut Value);
    99 release_tensor_info(*mut TensorInfo);
    100 release_session_options(*mut SessionOptions);
    110 end_profiling(*mut OrtSession, *mut Allocator, *mut *mut c_char) -> StatusPointer;
    130 add_configuration(*mut SessionOptions, *const c_char, *const c_char) -> StatusPointer;
    131 create_allocator(*const OrtSession, *const MemoryInfo, *mut *mut Allocator) -> StatusPointer;
    132 release_allocator(*mut Allocator);
    163 integers_attribute(*const KernelInfo, *const c_char, *mut i64, *mut usize) -> StatusPointer;
    253 allocator_of(*const KernelContext, *const MemoryInfo, *mut *mut Allocator) -> StatusPointer;
    274 parallel_for(*const KernelContext, unsafe extern "C" fn(*mut c_void, usize), usize, usize, *mut c_void) -> StatusPointer;
    297 value_of_key(*const KeyValues, *const c_char) -> *const c_char;
    300 release_key_values(*mut KeyValues);
    319 allocator_statistics(*const Allocator, *mut *mut KeyValues) -> StatusPointer;
}

/// `OrtErrorCode::ORT_FAIL`
pub const FAIL: c_int = 1;
/// `OrtLoggingLevel::ORT_LOGGING_LEVEL_ERROR`
pub const LOG_ERRORS: c_int = 3;
/// `GraphOptimizationLevel::ORT_DISABLE_ALL`
pub const NO_OPTIMIZATION: c_int = 0;
/// `OrtAllocatorType::OrtDeviceAllocator` and `OrtMemType::OrtMemTypeDefault`
pub const DEVICE_ALLOCATOR: c_int = 0;
pub const DEFAULT_MEMORY: c_int = 0;
/// `ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED`
pub const UNDEFINED: c_int = 0;
/// `OrtCustomOpInputOutputCharacteristic`
pub const REQUIRED: c_int = 0;
pub const OPTIONAL: c_int = 1;
pub const VARIADIC: c_int = 2;

/// `OrtCustomOp` of version 23. ONNX Runtime passes the same pointer to each function, so what stands behind it is ours to choose.
#[repr(C)]
pub struct CustomOp {
    pub version: u32,
    pub create_kernel: Option<
        unsafe extern "system" fn(*const Self, *const c_void, *const KernelInfo) -> *mut c_void,
    >,
    pub name: unsafe extern "system" fn(*const Self) -> *const c_char,
    pub execution_provider: unsafe extern "system" fn(*const Self) -> *const c_char,
    pub input_type: unsafe extern "system" fn(*const Self, usize) -> c_int,
    pub input_count: unsafe extern "system" fn(*const Self) -> usize,
    pub output_type: unsafe extern "system" fn(*const Self, usize) -> c_int,
    pub output_count: unsafe extern "system" fn(*const Self) -> usize,
    pub compute: Option<unsafe extern "system" fn(*mut c_void, *mut KernelContext)>,
    pub destroy: unsafe extern "system" fn(*mut c_void),
    pub input_characteristic: unsafe extern "system" fn(*const Self, usize) -> c_int,
    pub output_characteristic: unsafe extern "system" fn(*const Self, usize) -> c_int,
    pub input_memory: unsafe extern "system" fn(*const Self, usize) -> c_int,
    pub variadic_input_minimum: unsafe extern "system" fn(*const Self) -> c_int,
    pub variadic_input_homogeneous: unsafe extern "system" fn(*const Self) -> c_int,
    pub variadic_output_minimum: unsafe extern "system" fn(*const Self) -> c_int,
    pub variadic_output_homogeneous: unsafe extern "system" fn(*const Self) -> c_int,
    pub create_kernel_v2: unsafe extern "system" fn(
        *const Self,
        *const c_void,
        *const KernelInfo,
        *mut *mut c_void,
    ) -> StatusPointer,
    pub compute_v2: unsafe extern "system" fn(*mut c_void, *mut KernelContext) -> StatusPointer,
    pub infer_shapes: Option<unsafe extern "system" fn(*const Self, *mut c_void) -> StatusPointer>,
    pub start_version: unsafe extern "system" fn(*const Self) -> c_int,
    pub end_version: unsafe extern "system" fn(*const Self) -> c_int,
    pub in_place: Option<unsafe extern "system" fn(*mut *mut c_int, *mut *mut c_int) -> usize>,
    pub release_in_place: Option<unsafe extern "system" fn(*mut c_int, *mut c_int)>,
    pub aliases: Option<unsafe extern "system" fn(*mut *mut c_int, *mut *mut c_int) -> usize>,
    pub release_aliases: Option<unsafe extern "system" fn(*mut c_int, *mut c_int)>,
}
