use std::ffi::c_int;

/// What tensors are made of, with the number that ONNX Runtime has for it (`ONNXTensorElementDataType`).
///
/// # Safety
/// The number is that of a type of the same layout, of which every bit pattern is a value.
pub unsafe trait Element: Copy + Send + Sync + 'static {
    const NUMBER: c_int;
    const NAME: &'static str;
    /// How many values of a tensor one of them is.
    const VALUES: usize = 1;
}

/// Two values of 4 bits, the first one in the low half.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Int4Pair(pub u8);

// SAFETY: the same layouts, plain numbers; this holds for all of them.
unsafe impl Element for f32 {
    const NUMBER: c_int = 1;
    const NAME: &'static str = "float32";
}

unsafe impl Element for u8 {
    const NUMBER: c_int = 2;
    const NAME: &'static str = "uint8";
}

unsafe impl Element for i8 {
    const NUMBER: c_int = 3;
    const NAME: &'static str = "int8";
}

unsafe impl Element for Int4Pair {
    const NUMBER: c_int = 22;
    const NAME: &'static str = "int4";
    const VALUES: usize = 2;
}

unsafe impl Element for i64 {
    const NUMBER: c_int = 7;
    const NAME: &'static str = "int64";
}

unsafe impl Element for half::bf16 {
    const NUMBER: c_int = 16;
    const NAME: &'static str = "bfloat16";
}

unsafe impl Element for f64 {
    const NUMBER: c_int = 11;
    const NAME: &'static str = "float64";
}
