//! The innermost loop of products: a tile of sums kept in registers, from factors that lie as the loop reads them. Which instructions
//! there are is asked once, at run time. A sum adds its products in their order, so no tiling changes a bit of it.

use std::sync::LazyLock;

/// Columns of a tile at most.
pub const LANES: usize = 32;
const HALF: usize = LANES / 2;

/// inner, left, right, step of right, target, step of target.
type Tile = unsafe fn(usize, *const f32, *const f32, usize, *mut f32, usize);

/// The loops of one instruction set.
pub struct Kernel {
    /// Rows of a tile: how many values of the left factor stand together.
    pub rows: usize,
    /// All LANES at once, where there are registers enough.
    whole: Option<Tile>,
    half: Tile,
}

impl Kernel {
    /// target (rows x lanes) = left^T right, where left is inner x rows without gaps, right inner x lanes. Rows of `right` and `target`
    /// start `right_step` and `target_step` after one another. Lanes are rounded up to 16 or 32, and as many are read and written.
    ///
    /// # Panics
    /// Where a slice is too short.
    #[inline]
    pub fn multiply(
        &self,
        lanes: usize,
        inner: usize,
        left: &[f32],
        (right, right_step): (&[f32], usize),
        (target, target_step): (&mut [f32], usize),
    ) {
        let halves = lanes.div_ceil(HALF);
        assert!(halves <= 2 && left.len() >= inner * self.rows);
        assert!(inner == 0 || right.len() >= (inner - 1) * right_step + halves * HALF);
        assert!(target.len() >= (self.rows - 1) * target_step + halves * HALF);
        let (left, right, target) = (left.as_ptr(), right.as_ptr(), target.as_mut_ptr());
        // SAFETY: the slices hold what is read and written, and `kernels` gives only loops whose instructions are there.
        unsafe {
            match self.whole {
                Some(whole) if halves == 2 => {
                    whole(inner, left, right, right_step, target, target_step)
                }
                _ => (0..halves).map(|half| half * HALF).for_each(|at| {
                    (self.half)(
                        inner,
                        left,
                        right.add(at),
                        right_step,
                        target.add(at),
                        target_step,
                    )
                }),
            }
        }
    }
}

/// A tile of rows x (vectors * lanes) by the vectors of one instruction set.
macro_rules! tile {
    (
        $name:ident, $features:literal, $rows:literal x $vectors:literal x $lanes:literal,
        $all:path, $load:path, $store:path, $add_product:path
    ) => {
        #[target_feature(enable = $features)]
        unsafe fn $name(
            inner: usize,
            mut left: *const f32,
            mut right: *const f32,
            right_step: usize,
            target: *mut f32,
            target_step: usize,
        ) {
            // SAFETY: the caller has slices of these lengths, see `multiply`.
            unsafe {
                let mut sums = [[$all(0.0); $vectors]; $rows];
                for _ in 0..inner {
                    let mut columns = [$all(0.0); $vectors];
                    for vector in 0..$vectors {
                        columns[vector] = $load(right.add(vector * $lanes));
                    }
                    for row in 0..$rows {
                        let value = $all(*left.add(row));
                        for vector in 0..$vectors {
                            sums[row][vector] =
                                $add_product(value, columns[vector], sums[row][vector]);
                        }
                    }
                    left = left.add($rows);
                    right = right.add(right_step);
                }
                for row in 0..$rows {
                    for vector in 0..$vectors {
                        $store(
                            target.add(row * target_step + vector * $lanes),
                            sums[row][vector],
                        );
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Kernel;
    use std::arch::x86_64::*;

    tile!(wide, "avx512f", 8 x 2 x 16, _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_fmadd_ps);
    tile!(wide_half, "avx512f", 8 x 1 x 16, _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_fmadd_ps);
    tile!(fused_half, "avx2,fma", 6 x 2 x 8, _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_fmadd_ps);

    pub const AVX512: Kernel = Kernel {
        rows: 8,
        whole: Some(wide),
        half: wide_half,
    };
    pub const AVX2: Kernel = Kernel {
        rows: 6,
        whole: None,
        half: fused_half,
    };
}

#[cfg(target_arch = "aarch64")]
mod arm {
    use super::Kernel;
    use std::arch::aarch64::*;

    #[target_feature(enable = "neon")]
    fn add_product(left: float32x4_t, right: float32x4_t, sum: float32x4_t) -> float32x4_t {
        vfmaq_f32(sum, left, right)
    }

    tile!(neon_half, "neon", 6 x 4 x 4, vdupq_n_f32, vld1q_f32, vst1q_f32, add_product);

    pub const NEON: Kernel = Kernel {
        rows: 6,
        whole: None,
        half: neon_half,
    };
}

/// Whatever the compiler makes of it.
mod plain {
    use super::{HALF, Kernel};

    const ROWS: usize = 2;

    unsafe fn half(
        inner: usize,
        left: *const f32,
        right: *const f32,
        right_step: usize,
        target: *mut f32,
        target_step: usize,
    ) {
        let mut sums = [[0.0; HALF]; ROWS];
        // SAFETY: the caller has slices of these lengths, see `multiply`.
        unsafe {
            for at in 0..inner {
                let columns = &*right.add(at * right_step).cast::<[f32; HALF]>();
                for (row, sums) in sums.iter_mut().enumerate() {
                    let value = *left.add(at * ROWS + row);
                    for (sum, column) in sums.iter_mut().zip(columns) {
                        *sum += value * column;
                    }
                }
            }
            for (row, sums) in sums.iter().enumerate() {
                *target.add(row * target_step).cast::<[f32; HALF]>() = *sums;
            }
        }
    }

    pub const PLAIN: Kernel = Kernel {
        rows: ROWS,
        whole: None,
        half,
    };
}

/// All that this processor can run, the best first.
pub fn kernels() -> Vec<&'static Kernel> {
    let mut all = vec![];
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            all.push(&x86::AVX512);
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            all.push(&x86::AVX2);
        }
    }
    #[cfg(target_arch = "aarch64")]
    all.push(&arm::NEON);
    all.push(&plain::PLAIN);
    all
}

/// The best that this processor can run.
pub fn kernel() -> &'static Kernel {
    static BEST: LazyLock<&Kernel> = LazyLock::new(|| kernels()[0]);
    *BEST
}
