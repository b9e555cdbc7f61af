//! Vectors of f32 as the processor at hand has them. Kernels are written once over `Lanes`; `with_lanes!` calls them compiled for the
//! widest kind there is. Everything in between is `#[inline(always)]`, so that it is compiled with that kind's instructions.

/// A kind of vector. All of it is unsafe for one reason: the processor must have the instructions, which `with_lanes!` sees to.
/// Pointers need no alignment.
pub trait Lanes: Copy + 'static {
    const WIDTH: usize;
    /// How many rows of a product keep their sums in registers beside two vectors of its right side.
    const ROWS: usize;
    type Vector: Copy;
    /// Eight lanes, for what is left over.
    type Eight: Lanes;

    unsafe fn splat(value: f32) -> Self::Vector;
    unsafe fn load(from: *const f32) -> Self::Vector;
    unsafe fn store(to: *mut f32, value: Self::Vector);
    /// The first `count` lanes, zeros in the rest.
    unsafe fn load_first(from: *const f32, count: usize) -> Self::Vector;
    unsafe fn store_first(to: *mut f32, value: Self::Vector, count: usize);
    unsafe fn add(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    unsafe fn sub(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    unsafe fn mul(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    unsafe fn div(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// The larger one; b where either is NaN.
    unsafe fn max(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a b + c, rounded once where the processor can.
    unsafe fn fused(a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// `then` where a < b, else `otherwise`.
    unsafe fn select_less(
        a: Self::Vector,
        b: Self::Vector,
        then: Self::Vector,
        otherwise: Self::Vector,
    ) -> Self::Vector;
    /// The largest whole number not above x, and 2^that; the power is 0 below the smallest normal one. x is -200 to 127, or NaN.
    unsafe fn floor_and_power(x: Self::Vector) -> (Self::Vector, Self::Vector);
    /// Eight rows of eight to eight columns: to[j][i] = from[i][j].
    unsafe fn transpose_eight(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize);
}

/// 2^x for x up to 127, within one and a half units in the last place; exactly 0 far below and at minus infinity, exactly 1 at 0, NaN at NaN.
#[inline(always)]
pub unsafe fn power_of_two<L: Lanes>(x: L::Vector) -> L::Vector {
    unsafe {
        // So that minus infinity is not taken from itself below.
        let x = L::max(L::splat(-200.0), x);
        let (floor, power) = L::floor_and_power(x);
        let rest = L::sub(x, floor);
        // Fitted to 2^rest in [0, 1) with 1 at 0: relative error 2e-9.
        let mut sum = L::splat(0.000_216_129_15);
        for coefficient in [
            0.001_246_784_6,
            0.009_675_452,
            0.055_485_28,
            0.240_229_31,
            0.693_147_04,
            1.0,
        ] {
            sum = L::fused(sum, rest, L::splat(coefficient));
        }
        L::mul(sum, power)
    }
}

/// tanh within about two units in the last place.
#[inline(always)]
pub unsafe fn tanh<L: Lanes>(x: L::Vector) -> L::Vector {
    unsafe {
        let zero = L::splat(0.0);
        let size = L::max(x, L::sub(zero, x));
        // Near 0, an odd polynomial: relative error 4e-9.
        let square = L::mul(x, x);
        let mut sum = L::splat(-0.005_704_914);
        for coefficient in [0.020_639_025, -0.053_739_697, 0.133_314_42, -0.333_332_82] {
            sum = L::fused(sum, square, L::splat(coefficient));
        }
        let near = L::fused(L::mul(sum, square), x, x);
        // 1 - 2 / (1 + e^2|x|), written with what cannot overflow.
        let small = power_of_two::<L>(L::mul(size, L::splat(-2.0 * std::f32::consts::LOG2_E)));
        let one = L::splat(1.0);
        let far = L::div(L::sub(one, small), L::add(one, small));
        let far = L::select_less(x, zero, L::sub(zero, far), far);
        L::select_less(size, L::splat(0.625), near, far)
    }
}

#[inline(always)]
unsafe fn transpose_plainly(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
    for i in 0..8 {
        for j in 0..8 {
            unsafe { *to.add(j * to_stride + i) = *from.add(i * from_stride + j) };
        }
    }
}

/// Eight lanes of plain Rust, which compilers turn into what vectors there are.
#[derive(Clone, Copy)]
pub struct Plain;

#[inline(always)]
fn each(a: [f32; 8], b: [f32; 8], of: impl Fn(f32, f32) -> f32) -> [f32; 8] {
    let mut result = a;
    for at in 0..8 {
        result[at] = of(a[at], b[at]);
    }
    result
}

impl Lanes for Plain {
    const WIDTH: usize = 8;
    const ROWS: usize = if cfg!(target_arch = "aarch64") { 6 } else { 2 };
    type Vector = [f32; 8];
    type Eight = Plain;

    #[inline(always)]
    unsafe fn splat(value: f32) -> [f32; 8] {
        [value; 8]
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> [f32; 8] {
        unsafe { from.cast::<[f32; 8]>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, value: [f32; 8]) {
        unsafe { to.cast::<[f32; 8]>().write_unaligned(value) }
    }
    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize) -> [f32; 8] {
        let mut result = [0.0; 8];
        for (at, value) in result.iter_mut().enumerate().take(count) {
            *value = unsafe { *from.add(at) };
        }
        result
    }
    #[inline(always)]
    unsafe fn store_first(to: *mut f32, value: [f32; 8], count: usize) {
        for (at, value) in value.iter().enumerate().take(count) {
            unsafe { *to.add(at) = *value };
        }
    }
    #[inline(always)]
    unsafe fn add(a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        each(a, b, |a, b| a + b)
    }
    #[inline(always)]
    unsafe fn sub(a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        each(a, b, |a, b| a - b)
    }
    #[inline(always)]
    unsafe fn mul(a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        each(a, b, |a, b| a * b)
    }
    #[inline(always)]
    unsafe fn div(a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        each(a, b, |a, b| a / b)
    }
    #[inline(always)]
    unsafe fn max(a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        each(a, b, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    unsafe fn fused(a: [f32; 8], b: [f32; 8], c: [f32; 8]) -> [f32; 8] {
        let mut result = c;
        for at in 0..8 {
            // Elsewhere `mul_add` is a call.
            result[at] = if cfg!(target_arch = "aarch64") {
                a[at].mul_add(b[at], c[at])
            } else {
                a[at] * b[at] + c[at]
            };
        }
        result
    }
    #[inline(always)]
    unsafe fn select_less(
        a: [f32; 8],
        b: [f32; 8],
        then: [f32; 8],
        otherwise: [f32; 8],
    ) -> [f32; 8] {
        let mut result = otherwise;
        for at in 0..8 {
            if a[at] < b[at] {
                result[at] = then[at];
            }
        }
        result
    }
    #[inline(always)]
    unsafe fn floor_and_power(x: [f32; 8]) -> ([f32; 8], [f32; 8]) {
        let (mut floors, mut powers) = ([0.0; 8], [0.0; 8]);
        for at in 0..8 {
            let value = x[at];
            // Whole numbers are all that is left of f32 above 2^23; the sum rounds to the nearest one.
            let magic = 12_582_912.0;
            let rounded = (value + magic) - magic;
            let floor = if rounded > value {
                rounded - 1.0
            } else {
                rounded
            };
            floors[at] = floor;
            powers[at] = if floor < -126.0 {
                0.0
            } else {
                f32::from_bits((((floor as i32) + 127) as u32) << 23)
            };
        }
        (floors, powers)
    }
    #[inline(always)]
    unsafe fn transpose_eight(
        from: *const f32,
        from_stride: usize,
        to: *mut f32,
        to_stride: usize,
    ) {
        unsafe { transpose_plainly(from, from_stride, to, to_stride) }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Lanes;
    use std::arch::x86_64::*;

    /// Eight lanes of AVX2 and FMA.
    #[derive(Clone, Copy)]
    pub struct Avx2;

    #[inline(always)]
    unsafe fn first_of_eight(count: usize) -> __m256i {
        unsafe {
            let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), lanes)
        }
    }

    impl Lanes for Avx2 {
        const WIDTH: usize = 8;
        const ROWS: usize = 6;
        type Vector = __m256;
        type Eight = Avx2;

        #[inline(always)]
        unsafe fn splat(value: f32) -> __m256 {
            unsafe { _mm256_set1_ps(value) }
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> __m256 {
            unsafe { _mm256_loadu_ps(from) }
        }
        #[inline(always)]
        unsafe fn store(to: *mut f32, value: __m256) {
            unsafe { _mm256_storeu_ps(to, value) }
        }
        #[inline(always)]
        unsafe fn load_first(from: *const f32, count: usize) -> __m256 {
            unsafe { _mm256_maskload_ps(from, first_of_eight(count)) }
        }
        #[inline(always)]
        unsafe fn store_first(to: *mut f32, value: __m256, count: usize) {
            unsafe { _mm256_maskstore_ps(to, first_of_eight(count), value) }
        }
        #[inline(always)]
        unsafe fn add(a: __m256, b: __m256) -> __m256 {
            unsafe { _mm256_add_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn sub(a: __m256, b: __m256) -> __m256 {
            unsafe { _mm256_sub_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn mul(a: __m256, b: __m256) -> __m256 {
            unsafe { _mm256_mul_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn div(a: __m256, b: __m256) -> __m256 {
            unsafe { _mm256_div_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn max(a: __m256, b: __m256) -> __m256 {
            unsafe { _mm256_max_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn fused(a: __m256, b: __m256, c: __m256) -> __m256 {
            unsafe { _mm256_fmadd_ps(a, b, c) }
        }
        #[inline(always)]
        unsafe fn select_less(a: __m256, b: __m256, then: __m256, otherwise: __m256) -> __m256 {
            unsafe { _mm256_blendv_ps(otherwise, then, _mm256_cmp_ps::<_CMP_LT_OQ>(a, b)) }
        }
        #[inline(always)]
        unsafe fn floor_and_power(x: __m256) -> (__m256, __m256) {
            unsafe {
                let floor = _mm256_floor_ps(x);
                let exponent = _mm256_add_epi32(_mm256_cvtps_epi32(floor), _mm256_set1_epi32(127));
                let power = _mm256_castsi256_ps(_mm256_slli_epi32::<23>(exponent));
                let low = _mm256_cmp_ps::<_CMP_LT_OQ>(floor, _mm256_set1_ps(-126.0));
                (floor, _mm256_andnot_ps(low, power))
            }
        }
        #[inline(always)]
        unsafe fn transpose_eight(
            from: *const f32,
            from_stride: usize,
            to: *mut f32,
            to_stride: usize,
        ) {
            unsafe {
                // No closures: they would not be compiled with these instructions.
                macro_rules! row {
                    ($at:literal) => {
                        _mm256_loadu_ps(from.add($at * from_stride))
                    };
                }
                // Pairs of rows, then fours, then halves of vectors.
                let (row0, row1, row2, row3) = (row!(0), row!(1), row!(2), row!(3));
                let (row4, row5, row6, row7) = (row!(4), row!(5), row!(6), row!(7));
                let (a0, a1) = (
                    _mm256_unpacklo_ps(row0, row1),
                    _mm256_unpackhi_ps(row0, row1),
                );
                let (a2, a3) = (
                    _mm256_unpacklo_ps(row2, row3),
                    _mm256_unpackhi_ps(row2, row3),
                );
                let (a4, a5) = (
                    _mm256_unpacklo_ps(row4, row5),
                    _mm256_unpackhi_ps(row4, row5),
                );
                let (a6, a7) = (
                    _mm256_unpacklo_ps(row6, row7),
                    _mm256_unpackhi_ps(row6, row7),
                );
                let (b0, b1) = (
                    _mm256_shuffle_ps::<0x44>(a0, a2),
                    _mm256_shuffle_ps::<0xee>(a0, a2),
                );
                let (b2, b3) = (
                    _mm256_shuffle_ps::<0x44>(a1, a3),
                    _mm256_shuffle_ps::<0xee>(a1, a3),
                );
                let (b4, b5) = (
                    _mm256_shuffle_ps::<0x44>(a4, a6),
                    _mm256_shuffle_ps::<0xee>(a4, a6),
                );
                let (b6, b7) = (
                    _mm256_shuffle_ps::<0x44>(a5, a7),
                    _mm256_shuffle_ps::<0xee>(a5, a7),
                );
                for (at, (low, high)) in [(b0, b4), (b1, b5), (b2, b6), (b3, b7)]
                    .into_iter()
                    .enumerate()
                {
                    _mm256_storeu_ps(
                        to.add(at * to_stride),
                        _mm256_permute2f128_ps::<0x20>(low, high),
                    );
                    _mm256_storeu_ps(
                        to.add((at + 4) * to_stride),
                        _mm256_permute2f128_ps::<0x31>(low, high),
                    );
                }
            }
        }
    }

    /// Sixteen lanes of AVX-512 (F, DQ, VL).
    #[derive(Clone, Copy)]
    pub struct Avx512;

    impl Lanes for Avx512 {
        const WIDTH: usize = 16;
        const ROWS: usize = 12;
        type Vector = __m512;
        type Eight = Avx2;

        #[inline(always)]
        unsafe fn splat(value: f32) -> __m512 {
            unsafe { _mm512_set1_ps(value) }
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> __m512 {
            unsafe { _mm512_loadu_ps(from) }
        }
        #[inline(always)]
        unsafe fn store(to: *mut f32, value: __m512) {
            unsafe { _mm512_storeu_ps(to, value) }
        }
        #[inline(always)]
        unsafe fn load_first(from: *const f32, count: usize) -> __m512 {
            unsafe { _mm512_maskz_loadu_ps(((1u32 << count) - 1) as __mmask16, from) }
        }
        #[inline(always)]
        unsafe fn store_first(to: *mut f32, value: __m512, count: usize) {
            unsafe { _mm512_mask_storeu_ps(to, ((1u32 << count) - 1) as __mmask16, value) }
        }
        #[inline(always)]
        unsafe fn add(a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_add_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn sub(a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_sub_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn mul(a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_mul_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn div(a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_div_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn max(a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_max_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn fused(a: __m512, b: __m512, c: __m512) -> __m512 {
            unsafe { _mm512_fmadd_ps(a, b, c) }
        }
        #[inline(always)]
        unsafe fn select_less(a: __m512, b: __m512, then: __m512, otherwise: __m512) -> __m512 {
            unsafe { _mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_LT_OQ>(a, b), otherwise, then) }
        }
        #[inline(always)]
        unsafe fn floor_and_power(x: __m512) -> (__m512, __m512) {
            unsafe {
                let floor =
                    _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(x);
                let normal = _mm512_cmp_ps_mask::<_CMP_NLT_UQ>(floor, _mm512_set1_ps(-126.0));
                let power = _mm512_maskz_scalef_ps(normal, _mm512_set1_ps(1.0), floor);
                (floor, power)
            }
        }
        #[inline(always)]
        unsafe fn transpose_eight(
            from: *const f32,
            from_stride: usize,
            to: *mut f32,
            to_stride: usize,
        ) {
            unsafe { Avx2::transpose_eight(from, from_stride, to, to_stride) }
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub use x86::{Avx2, Avx512};

/// `with_lanes!(f(a, b))` with `unsafe fn f<L: Lanes>(a: A, b: B)`, all `#[inline(always)]`: calls f compiled for the widest vectors
/// that the processor has. The arguments' types are named: `with_lanes!(f(a: A, b: B))`.
#[macro_export]
macro_rules! with_lanes {
    ($run:ident($($name:ident: $type:ty),* $(,)?)) => {{
        #[cfg(target_arch = "x86_64")]
        {
            use $crate::kernels::lanes::{Avx2, Avx512};
            #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
            #[allow(clippy::too_many_arguments)]
            unsafe fn by_avx512($($name: $type),*) {
                unsafe { $run::<Avx512>($($name),*) }
            }
            #[target_feature(enable = "avx2,fma")]
            #[allow(clippy::too_many_arguments)]
            unsafe fn by_avx2($($name: $type),*) {
                unsafe { $run::<Avx2>($($name),*) }
            }
            match $crate::kernels::lanes::kind() {
                // SAFETY: the processor has them.
                $crate::kernels::lanes::Kind::Avx512 => unsafe { by_avx512($($name),*) },
                $crate::kernels::lanes::Kind::Avx2 => unsafe { by_avx2($($name),*) },
                $crate::kernels::lanes::Kind::Plain => unsafe { $run::<$crate::kernels::lanes::Plain>($($name),*) },
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        unsafe { $run::<$crate::kernels::lanes::Plain>($($name),*) }
    }};
}

#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
pub enum Kind {
    Avx512,
    Avx2,
    Plain,
}

#[cfg(test)]
thread_local! {
    /// What a test asks for in the place of the best.
    pub static ASKED: std::cell::Cell<Option<Kind>> = const { std::cell::Cell::new(None) };
}

/// The widest kind that the processor has.
#[cfg(target_arch = "x86_64")]
pub fn kind() -> Kind {
    #[cfg(test)]
    if let Some(kind) = ASKED.get() {
        return kind;
    }
    let has_avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    if !has_avx2 {
        return Kind::Plain;
    }
    let has_avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl");
    if has_avx512 { Kind::Avx512 } else { Kind::Avx2 }
}

/// Plain Rust is compiled with what vectors every other processor has.
#[cfg(not(target_arch = "x86_64"))]
pub fn kind() -> Kind {
    Kind::Plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{close, each_kind};

    #[inline(always)]
    unsafe fn powers_and_tanhs<L: Lanes>(
        x: &[f32; 16],
        powers: &mut [f32; 16],
        tanhs: &mut [f32; 16],
    ) {
        for at in (0..16).step_by(L::WIDTH) {
            unsafe {
                let value = L::load(x.as_ptr().add(at));
                L::store(powers.as_mut_ptr().add(at), power_of_two::<L>(value));
                L::store(tanhs.as_mut_ptr().add(at), tanh::<L>(value));
            }
        }
    }

    #[test]
    fn infinities_and_nan_are_what_their_functions_say() {
        const ENDS: [(f32, f32, f32); 7] = [
            (f32::NEG_INFINITY, 0.0, -1.0),
            (f32::MIN, 0.0, -1.0),
            (-200.5, 0.0, -1.0),
            (0.0, 1.0, 0.0),
            (1.0, 2.0, 0.761_594_2),
            (127.0, 1.701_411_8e38, 1.0),
            (f32::NAN, f32::NAN, f32::NAN),
        ];
        each_kind(|| {
            for lane in 0..16 {
                for (value, power, tanh) in ENDS {
                    let (mut x, mut powers, mut tanhs) = ([0.5; 16], [0.0; 16], [0.0; 16]);
                    x[lane] = value;
                    let (x, to, tanhs_to) = (&x, &mut powers, &mut tanhs);
                    with_lanes!(powers_and_tanhs(x: &[f32; 16], to: &mut [f32; 16], tanhs_to: &mut [f32; 16]));
                    for (got, expected) in [(powers[lane], power), (tanhs[lane], tanh)] {
                        assert_eq!(got.is_nan(), expected.is_nan(), "at {value}");
                        if !expected.is_nan() {
                            close(got, f64::from(expected), 2e-7);
                        }
                    }
                }
                let (mut x, mut powers, mut tanhs) = ([0.5; 16], [0.0; 16], [0.0; 16]);
                x[lane] = f32::INFINITY;
                let (x, to, tanhs_to) = (&x, &mut powers, &mut tanhs);
                with_lanes!(powers_and_tanhs(x: &[f32; 16], to: &mut [f32; 16], tanhs_to: &mut [f32; 16]));
                assert_eq!(tanhs[lane], 1.0);
            }
        });
    }
}
