use super::api::{Api, CustomOp, KernelContext, KernelInfo, StatusPointer, VERSION};
use super::context::Context;
use super::library::runtime;
use super::operator::{Attributes, CustomOperator, Slot};
use super::status::{reason_of, status_of};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An operator as ONNX Runtime takes it: functions of C that lead to those of the type.
pub struct Registration {
    pub name: &'static CStr,
    pub(super) operator: CustomOp,
}

impl Registration {
    pub const fn of<O: CustomOperator>() -> Self {
        Self {
            name: O::NAME,
            operator: CustomOp {
                version: VERSION,
                create_kernel: None,
                name: name::<O>,
                execution_provider: for_the_cpu,
                input_type: input_type::<O>,
                input_count: input_count::<O>,
                output_type: output_type::<O>,
                output_count: output_count::<O>,
                compute: None,
                destroy: destroy::<O>,
                input_characteristic: input_characteristic::<O>,
                output_characteristic: output_characteristic::<O>,
                input_memory: default_memory,
                variadic_input_minimum: one,
                variadic_input_homogeneous: has_one_type::<O>,
                variadic_output_minimum: one,
                variadic_output_homogeneous: one,
                create_kernel_v2: create::<O>,
                compute_v2: compute::<O>,
                infer_shapes: None,
                start_version: one,
                end_version: any,
                in_place: None,
                release_in_place: None,
                aliases: None,
                release_aliases: None,
            },
        }
    }
}

unsafe extern "system" fn name<O: CustomOperator>(_: *const CustomOp) -> *const c_char {
    O::NAME.as_ptr()
}

unsafe extern "system" fn for_the_cpu(_: *const CustomOp) -> *const c_char {
    std::ptr::null()
}

/// A slot, or what stands for its absence where ONNX Runtime asks for one that is not there.
fn slot(slots: &[Slot], at: usize) -> Slot {
    slots.get(at).copied().unwrap_or(Slot::F32)
}

unsafe extern "system" fn input_type<O: CustomOperator>(_: *const CustomOp, at: usize) -> c_int {
    slot(O::INPUTS, at).element
}

unsafe extern "system" fn input_count<O: CustomOperator>(_: *const CustomOp) -> usize {
    O::INPUTS.len()
}

unsafe extern "system" fn output_type<O: CustomOperator>(_: *const CustomOp, at: usize) -> c_int {
    slot(O::OUTPUTS, at).element
}

unsafe extern "system" fn output_count<O: CustomOperator>(_: *const CustomOp) -> usize {
    O::OUTPUTS.len()
}

unsafe extern "system" fn input_characteristic<O: CustomOperator>(
    _: *const CustomOp,
    at: usize,
) -> c_int {
    slot(O::INPUTS, at).presence
}

unsafe extern "system" fn output_characteristic<O: CustomOperator>(
    _: *const CustomOp,
    at: usize,
) -> c_int {
    slot(O::OUTPUTS, at).presence
}

unsafe extern "system" fn default_memory(_: *const CustomOp, _: usize) -> c_int {
    super::api::DEFAULT_MEMORY
}

/// Whether inputs of a variadic slot are all of its type.
unsafe extern "system" fn has_one_type<O: CustomOperator>(_: *const CustomOp) -> c_int {
    let last = O::INPUTS.last().copied().unwrap_or(Slot::F32);
    c_int::from(last.element != Slot::ANY.element)
}

unsafe extern "system" fn one(_: *const CustomOp) -> c_int {
    1
}

unsafe extern "system" fn any(_: *const CustomOp) -> c_int {
    c_int::MAX
}

unsafe extern "system" fn create<O: CustomOperator>(
    _: *const CustomOp,
    _: *const c_void,
    info: *const KernelInfo,
    kernel: *mut *mut c_void,
) -> StatusPointer {
    answer::<O>(|api| {
        let operator = O::from_attributes(&Attributes { api, info })?;
        // SAFETY: ONNX Runtime waits for a kernel there, and gives it back to `destroy` once.
        unsafe { *kernel = Box::into_raw(Box::new(operator)).cast() };
        Ok(())
    })
}

unsafe extern "system" fn compute<O: CustomOperator>(
    kernel: *mut c_void,
    context: *mut KernelContext,
) -> StatusPointer {
    answer::<O>(|api| {
        // SAFETY: `kernel` is what `create` made, and `context` lives until this returns.
        let (operator, context) = unsafe { (&*kernel.cast::<O>(), Context::new(api, context)) };
        operator.compute(&context)
    })
}

unsafe extern "system" fn destroy<O: CustomOperator>(kernel: *mut c_void) {
    // SAFETY: it is what `create` made, and this is the last call with it.
    drop(unsafe { Box::from_raw(kernel.cast::<O>()) });
}

/// Neither an error nor a panic may pass through ONNX Runtime's frames but as its status.
fn answer<O: CustomOperator>(
    work: impl FnOnce(&'static Api) -> Result<(), String>,
) -> StatusPointer {
    let Some(api) = runtime().map(|runtime| &runtime.api) else {
        return std::ptr::null_mut(); // nobody can have a kernel before there is a runtime
    };
    let result = catch_unwind(AssertUnwindSafe(|| work(api)))
        .unwrap_or_else(|panic| Err(reason_of(&*panic)));
    let named = |reason| format!("nora.{}: {reason}", O::NAME.to_string_lossy());
    status_of(api, result.map_err(named))
}
