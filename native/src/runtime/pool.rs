use super::api::{Api, KernelContext};
use super::status::{check, reason_of};
use crate::parallel::Parallel;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{LazyLock, Mutex};

/// The threads of the session that runs an operator.
pub struct SessionPool<'a> {
    pub(super) api: &'a Api,
    pub(super) context: *const KernelContext,
}

// SAFETY: ONNX Runtime's context takes calls of ParallelFor from any thread while the operator computes.
unsafe impl Sync for SessionPool<'_> {}

struct Work<'a> {
    work: &'a (dyn Fn(usize) + Sync),
    panic: Mutex<Option<String>>,
}

/// One part of the work; a panic must not pass through ONNX Runtime's frames, so it is kept for the caller.
unsafe extern "C" fn part(work: *mut c_void, at: usize) {
    // SAFETY: it is what `for_each` hands over, and `for_each` waits until all parts are done.
    let Work { work, panic } = unsafe { &*work.cast::<Work>() };
    if let Err(caught) = catch_unwind(AssertUnwindSafe(|| work(at)))
        && let Ok(mut first) = panic.lock()
    {
        first.get_or_insert(reason_of(&*caught));
    }
}

impl Parallel for SessionPool<'_> {
    /// At most: the session may have been given fewer.
    fn threads(&self) -> usize {
        // Asked once: where processors are shared out, the system reads the answer from files, and kernels ask at every call.
        static PROCESSORS: LazyLock<usize> =
            LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from));
        *PROCESSORS
    }

    fn for_each(&self, count: usize, work: &(dyn Fn(usize) + Sync)) {
        if count == 0 {
            return;
        }
        let mut work = Work {
            work,
            panic: Mutex::new(None),
        };
        // SAFETY: the call returns when all parts are done, so `work` outlives them. No number of batches: each thread takes the
        // next part when it has done one.
        let status = unsafe {
            (self.api.parallel_for)(
                self.context,
                part,
                count,
                0,
                (&raw mut work).cast::<c_void>(),
            )
        };
        let panicked = work.panic.into_inner().unwrap_or_default();
        if let Some(reason) = panicked.or_else(|| check(self.api, status).err()) {
            panic!("{reason}");
        }
    }
}
