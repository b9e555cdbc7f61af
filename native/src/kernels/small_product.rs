//! Products of pieces that are in the cache already: sums in registers for some rows by two vectors of columns, factors of the left side
//! spread from memory as they lie. Nothing is packed here.

use crate::kernels::lanes::Lanes;

/// What a word of 32 bits holds of a factor's inner axis, and how two words are multiplied.
pub trait Terms<L: Lanes>: Copy {
    /// Numbers of a word.
    const PER_WORD: usize;

    /// # Safety
    /// The processor has the instructions.
    unsafe fn add(value: L::Vector, column: L::Vector, sum: L::Vector) -> L::Vector;
}

/// One float32.
#[derive(Clone, Copy)]
pub struct Singles;

impl<L: Lanes> Terms<L> for Singles {
    const PER_WORD: usize = 1;

    #[inline(always)]
    unsafe fn add(value: L::Vector, column: L::Vector, sum: L::Vector) -> L::Vector {
        unsafe { L::fused(value, column, sum) }
    }
}

/// Two bfloat16, whose products are added in float32.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
pub struct Pairs;

#[cfg(target_arch = "x86_64")]
impl Terms<crate::kernels::lanes::Avx512> for Pairs {
    const PER_WORD: usize = 2;

    #[inline(always)]
    unsafe fn add(
        value: std::arch::x86_64::__m512,
        column: std::arch::x86_64::__m512,
        sum: std::arch::x86_64::__m512,
    ) -> std::arch::x86_64::__m512 {
        use std::arch::x86_64::{__m512bh, _mm512_dpbf16_ps};
        // SAFETY: both are 512 bits without any that are not values.
        unsafe {
            let [value, column] =
                [value, column].map(|words| std::mem::transmute::<_, __m512bh>(words));
            _mm512_dpbf16_ps(sum, value, column)
        }
    }
}

/// Whether the processor multiplies pairs.
pub fn has_pairs() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        use crate::kernels::lanes::{Kind, kind};
        kind() == Kind::Avx512 && is_x86_feature_detected!("avx512bf16")
    }
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// As `with_lanes!`, for `unsafe fn f<L: Lanes, M: Terms<L>>(…)`: by pairs where `$pairs` says so, which `has_pairs` must allow, else by singles.
#[macro_export]
macro_rules! with_terms {
    ($pairs:expr, $run:ident($($name:ident: $type:ty),* $(,)?)) => {{
        #[inline(always)]
        unsafe fn singles<L: $crate::kernels::lanes::Lanes>($($name: $type),*) {
            unsafe { $run::<L, $crate::kernels::small_product::Singles>($($name),*) }
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bf16,avx2,fma")]
        unsafe fn by_pairs($($name: $type),*) {
            use $crate::kernels::{lanes::Avx512, small_product::Pairs};
            unsafe { $run::<Avx512, Pairs>($($name),*) }
        }
        if $pairs {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the processor has them.
            unsafe { by_pairs($($name),*) };
            #[cfg(not(target_arch = "x86_64"))]
            unreachable!("no pairs here");
        } else {
            $crate::with_lanes!(singles($($name: $type),*));
        }
    }};
}

/// Left (rows x inner): `stride` from one row to the next, or from one inner place to the next, the other being next to each other.
#[derive(Clone, Copy)]
pub struct Left {
    pub start: *const f32,
    pub stride: usize,
}

/// Rows with a stride between them.
#[derive(Clone, Copy)]
pub struct Right {
    pub start: *const f32,
    pub stride: usize,
}

#[derive(Clone, Copy)]
pub struct Target {
    pub start: *mut f32,
    pub stride: usize,
    /// Whether the product is added to what is there.
    pub added: bool,
    /// Columns, where the last vector is not written whole.
    pub columns: usize,
}

/// Rows by N vectors. TURNED: rows of the left side are next to each other, inner places `stride` apart.
#[inline(always)]
unsafe fn block<L: Lanes, M: Terms<L>, const ROWS: usize, const N: usize, const TURNED: bool>(
    inner: usize,
    left: Left,
    right: Right,
    target: Target,
) {
    unsafe {
        let whole = target.columns == N * L::WIDTH;
        let last = target.columns - (N - 1) * L::WIDTH;
        let mut sums = [[L::splat(0.0); N]; ROWS];
        if target.added {
            for (row, sums) in sums.iter_mut().enumerate() {
                let from = target.start.add(row * target.stride);
                for (at, sum) in sums.iter_mut().enumerate() {
                    *sum = if whole || at + 1 < N {
                        L::load(from.add(at * L::WIDTH))
                    } else {
                        L::load_first(from.add(at * L::WIDTH), last)
                    };
                }
            }
        }
        let (mut factor, mut row_of_right) = (left.start, right.start);
        for _ in 0..inner {
            let mut vectors = [L::splat(0.0); N];
            for (at, vector) in vectors.iter_mut().enumerate() {
                *vector = L::load(row_of_right.add(at * L::WIDTH));
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                let value = L::splat(*factor.add(if TURNED { row } else { row * left.stride }));
                for (sum, vector) in sums.iter_mut().zip(vectors) {
                    *sum = M::add(value, vector, *sum);
                }
            }
            factor = factor.add(if TURNED { left.stride } else { 1 });
            row_of_right = row_of_right.add(right.stride);
        }
        for (row, sums) in sums.into_iter().enumerate() {
            let to = target.start.add(row * target.stride);
            for (at, sum) in sums.into_iter().enumerate() {
                if whole || at + 1 < N {
                    L::store(to.add(at * L::WIDTH), sum);
                } else {
                    L::store_first(to.add(at * L::WIDTH), sum, last);
                }
            }
        }
    }
}

/// target (rows x columns) (+)= left (rows x inner) right (inner x N vectors), where inner counts words.
#[inline(always)]
pub unsafe fn strip_of<L: Lanes, M: Terms<L>, const N: usize, const TURNED: bool>(
    rows: usize,
    inner: usize,
    left: Left,
    right: Right,
    target: Target,
) {
    let mut start = 0;
    while start < rows {
        let part = Left {
            start: unsafe { left.start.add(start * if TURNED { 1 } else { left.stride }) },
            ..left
        };
        let to = Target {
            start: unsafe { target.start.add(start * target.stride) },
            ..target
        };
        // As many rows at once as there are sums for, then halves and quarters of what is left. Two rows alone leave multipliers idle, so
        // none that could be more are left over.
        macro_rules! most_of {
            ($($count:literal)*) => {
                match rows - start {
                    $(missing if missing >= $count && $count <= L::ROWS && ($count <= 2 || missing != $count + 2) => {
                        unsafe { block::<L, M, $count, N, TURNED>(inner, part, right, to) };
                        start += $count;
                    })*
                    _ => unreachable!(),
                }
            };
        }
        most_of!(12 8 6 4 2 1);
    }
}

/// The same of float32.
#[inline(always)]
pub unsafe fn strip<L: Lanes, const N: usize, const TURNED: bool>(
    rows: usize,
    inner: usize,
    left: Left,
    right: Right,
    target: Target,
) {
    unsafe { strip_of::<L, Singles, N, TURNED>(rows, inner, left, right, target) }
}

/// target (rows x columns) (+)= left (rows x inner) right (inner x columns); the right side can be read up to a multiple of eight
/// columns.
#[inline(always)]
pub unsafe fn product<L: Lanes, const TURNED: bool>(
    rows: usize,
    inner: usize,
    left: Left,
    right: Right,
    target: Target,
) {
    let mut column = 0;
    while column < target.columns {
        let missing = target.columns - column;
        let (from, to) = unsafe {
            (
                Right {
                    start: right.start.add(column),
                    ..right
                },
                target.start.add(column),
            )
        };
        let readable = missing.next_multiple_of(8);
        let wide = if readable >= 2 * L::WIDTH {
            2 * L::WIDTH
        } else if readable >= L::WIDTH {
            L::WIDTH
        } else {
            8
        };
        let to = Target {
            start: to,
            columns: missing.min(wide),
            ..target
        };
        if wide == 2 * L::WIDTH {
            unsafe { strip::<L, 2, TURNED>(rows, inner, left, from, to) };
        } else if wide == L::WIDTH {
            unsafe { strip::<L, 1, TURNED>(rows, inner, left, from, to) };
        } else {
            unsafe { strip::<L::Eight, 1, TURNED>(rows, inner, left, from, to) };
        }
        column += wide;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::with_lanes;

    #[inline(always)]
    unsafe fn straight<L: Lanes>(
        rows: usize,
        inner: usize,
        left: Left,
        right: Right,
        target: Target,
    ) {
        unsafe { product::<L, false>(rows, inner, left, right, target) }
    }
    #[inline(always)]
    unsafe fn turned<L: Lanes>(
        rows: usize,
        inner: usize,
        left: Left,
        right: Right,
        target: Target,
    ) {
        unsafe { product::<L, true>(rows, inner, left, right, target) }
    }

    /// `cargo test --release rate -- --ignored --nocapture`
    #[test]
    #[ignore]
    fn rate() {
        for (name, is_turned, rows, inner, columns, lstride) in [
            ("scores 96x40 . 40x32", false, 96, 40, 32, 40),
            ("scores 96x64 . 64x32", false, 96, 64, 32, 64),
            ("scores 96x80 . 80x32", false, 96, 80, 32, 80),
            ("mix 40x96 . 96x32", true, 40, 96, 32, 40),
            ("mix 64x96 . 96x32", true, 64, 96, 32, 64),
            ("mix 80x96 . 96x32", true, 80, 96, 32, 80),
            ("by key 96x32 . 32x40", false, 96, 32, 40, 32),
            ("by key 96x128 . 128x40", false, 96, 128, 40, 128),
            ("by key 96x128 . 128x64", false, 96, 128, 64, 128),
            ("by key 96x128 . 128x80", false, 96, 128, 80, 128),
        ] {
            let left = vec![1f32; 128 * 128];
            let right = vec![1f32; 128 * 160];
            let mut to = vec![0f32; 128 * 160];
            let (l, r) = (
                Left {
                    start: left.as_ptr(),
                    stride: lstride,
                },
                Right {
                    start: right.as_ptr(),
                    stride: columns,
                },
            );
            let t = Target {
                start: to.as_mut_ptr(),
                stride: columns,
                added: !is_turned || columns != 32,
                columns,
            };
            let mut best = f64::MAX;
            for _ in 0..20 {
                let start = std::time::Instant::now();
                for _ in 0..200 {
                    if is_turned {
                        with_lanes!(turned(rows: usize, inner: usize, l: Left, r: Right, t: Target));
                    } else {
                        with_lanes!(straight(rows: usize, inner: usize, l: Left, r: Right, t: Target));
                    }
                }
                best = best.min(start.elapsed().as_secs_f64() / 200.0);
            }
            println!(
                "{name}: {:.1} GFLOP/s",
                2.0 * (rows * inner * columns) as f64 / best / 1e9
            );
        }
    }
}
