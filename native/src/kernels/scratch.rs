//! Buffers that kernels use again from call to call: fresh pages of a large one cost as much as a tenth of the work done in it.
//! They stay until the process ends: as many as were ever in use at once, each as long as the largest that was asked of it.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

/// As long as the widest vector, so that no load of one meets two lines of the cache.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

static SPARE: Mutex<Vec<Vec<Line>>> = Mutex::new(Vec::new());

/// Values that a kernel writes before it reads them: what is there at first is whatever the last one left.
pub struct Scratch {
    lines: Vec<Line>,
    length: usize,
}

impl Scratch {
    /// The smallest spare buffer that is large enough, or a new one in place of the largest that is too small.
    pub fn take(length: usize) -> Self {
        let count = length.div_ceil(16);
        let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
        let fitting = (0..spare.len()).filter(|at| spare[*at].len() >= count);
        let lines = match fitting.min_by_key(|at| spare[*at].len()) {
            Some(at) => spare.swap_remove(at),
            None => {
                let largest = (0..spare.len()).max_by_key(|at| spare[*at].len());
                drop(largest.map(|at| spare.swap_remove(at)));
                drop(spare);
                vec![Line([0.0; 16]); count]
            }
        };
        Self { lines, length }
    }
}

/// Parts of these lengths, each at the start of a line, of what has `length_of_parts` of them.
pub fn parts<const COUNT: usize>(
    mut all: &mut [f32],
    lengths: [usize; COUNT],
) -> [&mut [f32]; COUNT] {
    lengths.map(|length| {
        let (part, rest) = std::mem::take(&mut all).split_at_mut(length.next_multiple_of(16));
        all = rest;
        &mut part[..length]
    })
}

pub fn length_of_parts(lengths: &[usize]) -> usize {
    lengths
        .iter()
        .map(|length| length.next_multiple_of(16))
        .sum()
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        SPARE
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(lines);
    }
}

impl Deref for Scratch {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        // SAFETY: a line is 16 values without gaps, and there are lines for `length` of them.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.length) }
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.length) }
    }
}
