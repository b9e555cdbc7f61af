use super::api::{
    Allocator, Api, ApiBase, CustomOpDomain, DEFAULT_MEMORY, DEVICE_ALLOCATOR, Environment,
    LOG_ERRORS, MemoryInfo, VERSION,
};
use super::status::check;
use crate::operators::OPERATORS;
use libloading::Library;
use napi::{Error, Result};
use napi_derive::napi;
use std::ffi::CStr;
use std::sync::OnceLock;

/// ONNX Runtime, opened: what all sessions of the process share. It stays until the process ends.
pub struct Runtime {
    pub api: Api,
    pub environment: *mut Environment,
    pub memory: *mut MemoryInfo,
    pub allocator: *mut Allocator,
    pub domain: *mut CustomOpDomain,
    /// As the library says it: "1.30.0".
    pub version: String,
}

// SAFETY: nothing is written after it is made, and ONNX Runtime takes these from any thread.
unsafe impl Send for Runtime {}
unsafe impl Sync for Runtime {}

static RUNTIME: OnceLock<std::result::Result<Runtime, String>> = OnceLock::new();

/// ONNX Runtime, where it has been opened.
pub fn runtime() -> Option<&'static Runtime> {
    RUNTIME.get()?.as_ref().ok()
}

/// Opens the library, once a process: what the first call gave, all later ones give. It is the one that onnxruntime-node has opened, so
/// nothing is loaded twice, and its environment is the same.
pub fn open(path: &str) -> std::result::Result<&'static Runtime, String> {
    RUNTIME
        .get_or_init(|| {
            // SAFETY: it is ONNX Runtime's library by its path, which is loaded already; the entry is as its header has it.
            unsafe {
                let library = Library::new(path).map_err(|error| error.to_string())?;
                let base = library
                    .get::<unsafe extern "system" fn() -> *const ApiBase>(b"OrtGetApiBase\0")
                    .map_err(|error| error.to_string())?;
                let made = make(base());
                std::mem::forget(library); // or its functions would go with it
                made
            }
        })
        .as_ref()
        .map_err(|reason| format!("{path}: {reason}"))
}

/// # Safety
/// `base` is what ONNX Runtime's library gives.
unsafe fn make(base: *const ApiBase) -> std::result::Result<Runtime, String> {
    // SAFETY: as the caller says; each call below has what its header asks for, and what it makes stays.
    unsafe {
        let version = CStr::from_ptr(((*base).version)())
            .to_string_lossy()
            .into_owned();
        let table = ((*base).table)(VERSION);
        if table.is_null() {
            return Err(format!(
                "is ONNX Runtime {version}, which does not have version {VERSION} of its interface"
            ));
        }
        let mut runtime = Runtime {
            api: Api::read(table),
            environment: std::ptr::null_mut(),
            memory: std::ptr::null_mut(),
            allocator: std::ptr::null_mut(),
            domain: std::ptr::null_mut(),
            version,
        };
        let api = &runtime.api;
        check(
            api,
            (api.create_environment)(LOG_ERRORS, c"nora".as_ptr(), &mut runtime.environment),
        )?;
        check(
            api,
            (api.create_memory_info)(DEVICE_ALLOCATOR, DEFAULT_MEMORY, &mut runtime.memory),
        )?;
        check(api, (api.default_allocator)(&mut runtime.allocator))?;
        check(
            api,
            (api.create_domain)(c"nora".as_ptr(), &mut runtime.domain),
        )?;
        for registration in OPERATORS {
            check(
                api,
                (api.add_operator)(runtime.domain, &registration.operator),
            )?;
        }
        Ok(runtime)
    }
}

/// Opens ONNX Runtime's library at a path and gives its version; what is in the way is an error.
#[napi(catch_unwind)]
pub fn open_runtime(library: String) -> Result<String> {
    let runtime = open(&library).map_err(Error::from_reason)?;
    Ok(runtime.version.clone())
}

/// The names of the operators that sessions of ours have in the domain "nora".
#[napi(catch_unwind)]
pub fn operator_names() -> Vec<String> {
    OPERATORS
        .iter()
        .map(|registration| registration.name.to_string_lossy().into_owned())
        .collect()
}
