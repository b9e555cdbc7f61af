//! What tests of kernels share.

use super::lanes::{ASKED, Kind, kind};

/// Numbers between -size and size that are the same for the same seed.
pub fn numbers(count: usize, seed: u64, size: f32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next() * size).collect()
}

/// Within `tolerance` of what is expected, or of that times its size where it is above 1.
#[track_caller]
pub fn close(got: f32, expected: f64, tolerance: f64) {
    let difference = (f64::from(got) - expected).abs();
    assert!(
        difference <= tolerance * expected.abs().max(1.0),
        "{got} in the place of {expected}"
    );
}

/// Runs a test by every kind of vector that this processor has.
pub fn each_kind(test: impl Fn()) {
    let kinds = match kind() {
        Kind::Plain => &[Kind::Plain][..],
        Kind::Avx2 => &[Kind::Plain, Kind::Avx2],
        Kind::Avx512 => &[Kind::Plain, Kind::Avx2, Kind::Avx512],
    };
    for &kind in kinds {
        ASKED.set(Some(kind));
        test();
        ASKED.set(None);
    }
}

/// What is asked for is asked for on one thread, so it is the best kind alone that more threads are compared by.
#[track_caller]
pub fn same_on_threads<T: PartialEq>(alone: &T, together: impl Fn() -> T) {
    let asked = ASKED.take();
    if asked == Some(kind()) {
        assert!(*alone == together());
    }
    ASKED.set(asked);
}

/// Seconds that this thread has run, which other work on the machine does not add to.
#[cfg(target_os = "linux")]
pub fn thread_seconds() -> f64 {
    unsafe extern "C" {
        fn clock_gettime(clock: i32, time: *mut [i64; 2]) -> i32;
    }
    const OF_THREAD: i32 = 3;
    let mut time = [0; 2];
    // SAFETY: a timespec of 64-bit Linux is two numbers of 64 bits.
    unsafe { clock_gettime(OF_THREAD, &raw mut time) };
    time[0] as f64 + time[1] as f64 * 1e-9
}

/// Elsewhere seconds as they pass: measurements want a quiet machine there.
#[cfg(not(target_os = "linux"))]
pub fn thread_seconds() -> f64 {
    use std::sync::LazyLock;
    use std::time::Instant;
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGIN.elapsed().as_secs_f64()
}
