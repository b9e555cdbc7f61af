use napi_derive::napi;

/// Gives back to the system what the C library keeps of memory that was freed: whole pages, anywhere in its heap. Opening a session leaves
/// tens of megabytes. Only the GNU library keeps them and has a call for it; elsewhere nothing happens.
#[napi]
pub fn trim_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            fn malloc_trim(kept: usize) -> std::ffi::c_int;
        }
        // SAFETY: it takes the library's own locks, and touches nothing that is in use.
        unsafe { malloc_trim(0) };
    }
}
