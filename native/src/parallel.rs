//! How a kernel shares its work among threads, whoever they belong to: ONNX Runtime's own pool in a session, a scope's in tests and
//! benches. What a kernel computes must not depend on how many there are: it splits work into parts of a fixed size, and sums
//! over parts in their order.

use std::marker::PhantomData;
use std::ops::Range;

/// Threads that take parts of one piece of work.
pub trait Parallel: Sync {
    /// How many there are, the caller's among them: for sizing scratch, not for splitting sums.
    fn threads(&self) -> usize;

    /// Calls `work` once for each of 0..count, in any order and on any of the threads, and returns when all are done. A panic of
    /// `work` arrives as a panic here.
    fn for_each(&self, count: usize, work: &(dyn Fn(usize) + Sync));
}

/// Cuts `target` into parts of `length` (the last may be shorter) and calls `work` with each one's number and the part. Parts of what is
/// empty may have no length.
pub fn for_each_part<T: Send>(
    parallel: &dyn Parallel,
    target: &mut [T],
    length: usize,
    work: impl Fn(usize, &mut [T]) + Sync,
) {
    let total = target.len();
    if total == 0 {
        return;
    }
    let parts = Disjoint::new(target);
    parallel.for_each(total.div_ceil(length), &|at| {
        let start = at * length;
        // SAFETY: each part is asked for once, and parts of different numbers do not overlap.
        work(at, unsafe { parts.slice(start..total.min(start + length)) });
    });
}

/// A slice of which threads write parts that do not overlap; for kernels whose parts `for_each_part` cannot name.
pub struct Disjoint<'a, T> {
    start: *mut T,
    length: usize,
    lifetime: PhantomData<&'a mut [T]>,
}

// SAFETY: it is a `&mut [T]` in parts; `slice` makes its caller keep them apart.
unsafe impl<T: Send> Sync for Disjoint<'_, T> {}

impl<'a, T> Disjoint<'a, T> {
    pub fn new(target: &'a mut [T]) -> Self {
        Self {
            start: target.as_mut_ptr(),
            length: target.len(),
            lifetime: PhantomData,
        }
    }

    /// # Safety
    /// No two ranges that are alive at once may overlap.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn slice(&self, range: Range<usize>) -> &mut [T] {
        assert!(range.start <= range.end && range.end <= self.length);
        // SAFETY: within the slice, as just checked; nobody else holds a part of it, as the caller says.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(range.start), range.len()) }
    }

    /// Where a range starts, for parts that lie between one another: columns of a matrix.
    ///
    /// # Safety
    /// What is read and written through it lies in the range, and nobody else reads or writes it meanwhile.
    pub unsafe fn pointer(&self, range: Range<usize>) -> *mut T {
        assert!(range.start <= range.end && range.end <= self.length);
        // SAFETY: within the slice, as just checked.
        unsafe { self.start.add(range.start) }
    }
}

/// Threads made for each call: dear, but there without a session.
#[cfg(test)]
pub struct ScopedThreads(pub usize);

#[cfg(test)]
impl Parallel for ScopedThreads {
    fn threads(&self) -> usize {
        self.0
    }

    fn for_each(&self, count: usize, work: &(dyn Fn(usize) + Sync)) {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let next = AtomicUsize::new(0);
        let take = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    return;
                }
                work(at);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.0.min(count) {
                scope.spawn(take);
            }
            take();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_done_once_by_however_many_threads() {
        for threads in [1, 2, 5] {
            let mut target = vec![0usize; 103];
            for_each_part(&ScopedThreads(threads), &mut target, 10, |at, part| {
                for value in part.iter_mut() {
                    *value += at + 1;
                }
            });
            let expected: Vec<usize> = (0..103).map(|at| at / 10 + 1).collect();
            assert_eq!(target, expected);
        }
    }

    #[test]
    fn nothing_to_do_is_no_work() {
        for length in [0, 4] {
            for_each_part(&ScopedThreads(2), &mut [0f32; 0], length, |_, _| {
                panic!("called")
            });
        }
    }
}
