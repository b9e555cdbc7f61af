use super::api::{Allocator, Api, KernelContext, MemoryInfo};
use super::status::check;
use std::ffi::c_void;
use std::ops::{Deref, DerefMut};

/// Numbers that an operator writes before it reads them, in the session's arena: what the graph has freed is used again for it, and
/// the other way round. Given back when it is dropped.
pub struct Workspace<'a> {
    api: &'a Api,
    allocator: *mut Allocator,
    start: *mut f32,
    length: usize,
}

impl<'a> Workspace<'a> {
    /// # Safety
    /// `context` is ONNX Runtime's context of an operator that computes, for as long as this lives, and `memory` the CPU's.
    pub(super) unsafe fn take(
        api: &'a Api,
        context: *const KernelContext,
        memory: *const MemoryInfo,
        length: usize,
    ) -> Result<Self, String> {
        let mut workspace = Self {
            api,
            allocator: std::ptr::null_mut(),
            start: std::ptr::dangling_mut(),
            length: 0,
        };
        if length == 0 {
            return Ok(workspace);
        }
        let mut start: *mut c_void = std::ptr::null_mut();
        // SAFETY: as the caller says; what is taken here goes back in `drop`.
        unsafe {
            check(
                api,
                (api.allocator_of)(context, memory, &mut workspace.allocator),
            )?;
            check(
                api,
                (api.allocate)(workspace.allocator, length * size_of::<f32>(), &mut start),
            )?;
        }
        if start.is_null() {
            return Err(format!("no memory for a workspace of {length} numbers"));
        }
        workspace.start = start.cast();
        workspace.length = length;
        Ok(workspace)
    }
}

impl Drop for Workspace<'_> {
    fn drop(&mut self) {
        if self.allocator.is_null() {
            return;
        }
        // SAFETY: both come from `take`. Nothing can be done about a status that says no.
        unsafe {
            if self.length > 0 {
                let _ = check(self.api, (self.api.free)(self.allocator, self.start.cast()));
            }
            (self.api.release_allocator)(self.allocator);
        }
    }
}

impl Deref for Workspace<'_> {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        // SAFETY: `take` allocated so many numbers; whatever bits stand there are numbers.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

impl DerefMut for Workspace<'_> {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.length) }
    }
}
