use super::api::{Api, FAIL, StatusPointer};
use std::ffi::{CStr, CString};

/// What ONNX Runtime says of a call: nothing, or its message.
pub fn check(api: &Api, status: StatusPointer) -> Result<(), String> {
    if status.is_null() {
        return Ok(());
    }
    // SAFETY: a status that is not null is ONNX Runtime's own until it is released, here and once; its message ends with a zero.
    unsafe {
        let message = CStr::from_ptr((api.error_message)(status))
            .to_string_lossy()
            .into_owned();
        (api.release_status)(status);
        Err(message)
    }
}

/// The other way round: what a kernel of ours says, for ONNX Runtime.
pub fn status_of(api: &Api, result: Result<(), String>) -> StatusPointer {
    let Err(message) = result else {
        return std::ptr::null_mut();
    };
    let message = text(&message);
    // SAFETY: ONNX Runtime copies the message.
    unsafe { (api.create_status)(FAIL, message.as_ptr()) }
}

/// A text for C, up to its first zero.
pub fn text(text: &str) -> CString {
    let before_zero = text.split('\0').next().unwrap_or_default();
    CString::new(before_zero).unwrap_or_default()
}

/// What a panic said.
pub fn reason_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "it panicked".into())
}
