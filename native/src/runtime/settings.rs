use super::api::{LOG_ERRORS, NO_OPTIMIZATION, SessionOptions, StatusPointer};
use super::library::Runtime;
use super::status::{check, text};
use napi_derive::napi;
use std::collections::HashMap;

/// How a session is made: see `SessionOptions` in main/engine/runtime/session.ts.
#[napi(object)]
pub struct NativeSessionOptions {
    /// Threads within an operator; one per physical core where it is left out.
    pub threads: Option<u32>,
    pub arena: bool,
    /// ONNX Runtime writes its profile to a file of this prefix when the session is released.
    pub profile: Option<String>,
    /// ONNX Runtime's configuration, key by key.
    pub configuration: HashMap<String, String>,
}

/// ONNX Runtime's options of a session; freed with this.
pub struct Settings {
    runtime: &'static Runtime,
    pub raw: *mut SessionOptions,
}

impl Settings {
    pub fn of(runtime: &'static Runtime, options: &NativeSessionOptions) -> Result<Self, String> {
        let api = &runtime.api;
        let mut settings = Self {
            runtime,
            raw: std::ptr::null_mut(),
        };
        let done = |status: StatusPointer| check(api, status);
        // SAFETY: `raw` is made by the first call; texts live until theirs returns, and are copied.
        unsafe {
            done((api.create_session_options)(&mut settings.raw))?;
            let raw = settings.raw;
            done((api.set_log_severity)(raw, LOG_ERRORS))?;
            done((api.set_optimization_level)(raw, NO_OPTIMIZATION))?;
            done((api.disable_memory_pattern)(raw))?;
            if !options.arena {
                done((api.disable_arena)(raw))?;
            }
            if let Some(threads) = options.threads {
                done((api.set_threads)(
                    raw,
                    threads.try_into().unwrap_or(i32::MAX),
                ))?;
            }
            if let Some(prefix) = &options.profile {
                done((api.enable_profiling)(raw, path(prefix).as_ptr()))?;
            }
            for (key, value) in &options.configuration {
                let [key, value] = [key, value].map(|part| text(part));
                done((api.add_configuration)(raw, key.as_ptr(), value.as_ptr()))?;
            }
            done((api.add_domain)(raw, runtime.domain))?;
        }
        Ok(settings)
    }
}

impl Drop for Settings {
    fn drop(&mut self) {
        // SAFETY: made once, released once; null is none.
        unsafe { (self.runtime.api.release_session_options)(self.raw) };
    }
}

#[cfg(windows)]
fn path(path: &str) -> Vec<u16> {
    path.encode_utf16().chain([0]).collect()
}

#[cfg(not(windows))]
fn path(path: &str) -> std::ffi::CString {
    text(path)
}
