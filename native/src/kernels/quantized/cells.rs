//! The innermost step of products of bytes: vectors of sums in 32 bits, to which cells of 32 bits are added, a few products each. How
//! many there are in a cell is what kinds of processors differ in. All of it is unsafe for one reason: the processor must have the
//! instructions, which `with_cells!` sees to. Pointers need no alignment.

use crate::kernels::lanes::{Lanes, Plain};

/// Columns of a panel of weights.
pub const COLUMNS: usize = 32;

pub trait Cells: Copy + 'static {
    /// Of as many lanes.
    type Floats: Lanes;
    /// Lanes of 32 bits.
    type Vector: Copy;
    /// Products in a cell: of four bytes, or of two numbers of 16 bits.
    const PRODUCTS: usize;
    /// What rows' values have on top in cells: their zero where they stay bytes.
    const OFFSET: i32;

    unsafe fn load(from: *const u32) -> Self::Vector;
    unsafe fn store(to: *mut u32, value: Self::Vector);
    unsafe fn splat(value: u32) -> Self::Vector;
    /// A cell of a row's values, for every column.
    #[inline(always)]
    unsafe fn row(value: u32) -> Self::Vector {
        unsafe { Self::splat(value) }
    }
    /// Each lane's sum with the products of its cells added. No product nor sum is cut off.
    unsafe fn add_products(
        sum: Self::Vector,
        left: Self::Vector,
        right: Self::Vector,
    ) -> Self::Vector;
    unsafe fn to_floats(sum: Self::Vector) -> <Self::Floats as Lanes>::Vector;
    /// PRODUCTS rows of COLUMNS weights, `step` bytes after one another, as a cell for each column.
    unsafe fn pack(from: *const i8, step: usize, to: *mut u32);
}

/// Pairs of 16 bits in plain Rust.
impl Cells for Plain {
    type Floats = Plain;
    type Vector = [i32; 8];
    const PRODUCTS: usize = 2;
    const OFFSET: i32 = 0;

    #[inline(always)]
    unsafe fn load(from: *const u32) -> [i32; 8] {
        unsafe { from.cast::<[i32; 8]>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store(to: *mut u32, value: [i32; 8]) {
        unsafe { to.cast::<[i32; 8]>().write_unaligned(value) }
    }
    #[inline(always)]
    unsafe fn splat(value: u32) -> [i32; 8] {
        [value as i32; 8]
    }
    #[inline(always)]
    unsafe fn add_products(sum: [i32; 8], left: [i32; 8], right: [i32; 8]) -> [i32; 8] {
        let low = |cell: i32| i32::from(cell as i16);
        let high = |cell: i32| cell >> 16;
        let mut result = sum;
        for at in 0..8 {
            let (a, b) = (left[at], right[at]);
            result[at] = sum[at]
                .wrapping_add(low(a) * low(b))
                .wrapping_add(high(a) * high(b));
        }
        result
    }
    #[inline(always)]
    unsafe fn to_floats(sum: [i32; 8]) -> [f32; 8] {
        sum.map(|sum| sum as f32)
    }
    #[inline(always)]
    unsafe fn pack(from: *const i8, step: usize, to: *mut u32) {
        for column in 0..COLUMNS {
            unsafe {
                let [low, high] = [0, step].map(|row| i16::from(*from.add(row + column)));
                to.add(column)
                    .write_unaligned(u32::from(low as u16) | u32::from(high as u16) << 16);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Cells;
    use crate::kernels::lanes::{Avx2, Avx512};
    use std::arch::x86_64::*;

    /// Four rows of 32 bytes, interleaved: eight columns a vector, in their order.
    #[inline(always)]
    unsafe fn pack_fours(from: *const i8, step: usize, to: *mut u32) {
        unsafe {
            macro_rules! row {
                ($at:literal) => {
                    _mm256_loadu_si256(from.add($at * step).cast())
                };
            }
            let (row0, row1, row2, row3) = (row!(0), row!(1), row!(2), row!(3));
            let (low01, high01) = (
                _mm256_unpacklo_epi8(row0, row1),
                _mm256_unpackhi_epi8(row0, row1),
            );
            let (low23, high23) = (
                _mm256_unpacklo_epi8(row2, row3),
                _mm256_unpackhi_epi8(row2, row3),
            );
            // Of columns 0-3 and 16-19, 4-7 and 20-23, and so on.
            let first = _mm256_unpacklo_epi16(low01, low23);
            let second = _mm256_unpackhi_epi16(low01, low23);
            let third = _mm256_unpacklo_epi16(high01, high23);
            let fourth = _mm256_unpackhi_epi16(high01, high23);
            _mm256_storeu_si256(to.cast(), _mm256_permute2x128_si256::<0x20>(first, second));
            _mm256_storeu_si256(
                to.add(8).cast(),
                _mm256_permute2x128_si256::<0x20>(third, fourth),
            );
            _mm256_storeu_si256(
                to.add(16).cast(),
                _mm256_permute2x128_si256::<0x31>(first, second),
            );
            _mm256_storeu_si256(
                to.add(24).cast(),
                _mm256_permute2x128_si256::<0x31>(third, fourth),
            );
        }
    }

    /// Pairs of 16 bits by AVX2. Its products of bytes would be cut off at 16 bits.
    impl Cells for Avx2 {
        type Floats = Avx2;
        type Vector = __m256i;
        const PRODUCTS: usize = 2;
        const OFFSET: i32 = 0;

        #[inline(always)]
        unsafe fn load(from: *const u32) -> __m256i {
            unsafe { _mm256_loadu_si256(from.cast()) }
        }
        #[inline(always)]
        unsafe fn store(to: *mut u32, value: __m256i) {
            unsafe { _mm256_storeu_si256(to.cast(), value) }
        }
        #[inline(always)]
        unsafe fn splat(value: u32) -> __m256i {
            unsafe { _mm256_set1_epi32(value as i32) }
        }
        #[inline(always)]
        unsafe fn add_products(sum: __m256i, left: __m256i, right: __m256i) -> __m256i {
            unsafe { _mm256_add_epi32(sum, _mm256_madd_epi16(left, right)) }
        }
        #[inline(always)]
        unsafe fn to_floats(sum: __m256i) -> __m256 {
            unsafe { _mm256_cvtepi32_ps(sum) }
        }
        #[inline(always)]
        unsafe fn pack(from: *const i8, step: usize, to: *mut u32) {
            unsafe {
                for half in 0..2 {
                    let from = from.add(half * 16);
                    let row0 = _mm256_cvtepi8_epi16(_mm_loadu_si128(from.cast()));
                    let row1 = _mm256_cvtepi8_epi16(_mm_loadu_si128(from.add(step).cast()));
                    let low = _mm256_unpacklo_epi16(row0, row1);
                    let high = _mm256_unpackhi_epi16(row0, row1);
                    let to = to.add(half * 16);
                    _mm256_storeu_si256(to.cast(), _mm256_permute2x128_si256::<0x20>(low, high));
                    _mm256_storeu_si256(
                        to.add(8).cast(),
                        _mm256_permute2x128_si256::<0x31>(low, high),
                    );
                }
            }
        }
    }

    /// Four bytes a cell, in vectors of eight lanes.
    macro_rules! eight_of_bytes {
        ($(#[$about:meta])* $name:ident, $add_products:path) => {
            $(#[$about])*
            #[derive(Clone, Copy)]
            pub struct $name;

            impl Cells for $name {
                type Floats = Avx2;
                type Vector = __m256i;
                const PRODUCTS: usize = 4;
                const OFFSET: i32 = 128;

                #[inline(always)]
                unsafe fn load(from: *const u32) -> __m256i {
                    unsafe { _mm256_loadu_si256(from.cast()) }
                }
                #[inline(always)]
                unsafe fn store(to: *mut u32, value: __m256i) {
                    unsafe { _mm256_storeu_si256(to.cast(), value) }
                }
                #[inline(always)]
                unsafe fn splat(value: u32) -> __m256i {
                    unsafe { _mm256_set1_epi32(value as i32) }
                }
                #[inline(always)]
                unsafe fn add_products(sum: __m256i, left: __m256i, right: __m256i) -> __m256i {
                    unsafe { $add_products(sum, left, right) }
                }
                #[inline(always)]
                unsafe fn to_floats(sum: __m256i) -> __m256 {
                    unsafe { _mm256_cvtepi32_ps(sum) }
                }
                #[inline(always)]
                unsafe fn pack(from: *const i8, step: usize, to: *mut u32) {
                    unsafe { pack_fours(from, step, to) }
                }
            }
        };
    }

    eight_of_bytes!(
        /// Processors with VNNI, but without AVX-512.
        AvxVnni,
        _mm256_dpbusd_avx_epi32
    );
    #[cfg(test)]
    eight_of_bytes!(
        /// The same instruction as AVX-512 has it, for tests on processors that have only that.
        ShortVnni,
        _mm256_dpbusd_epi32
    );

    /// Four bytes a cell, in vectors of sixteen lanes.
    #[derive(Clone, Copy)]
    pub struct Avx512Vnni;

    impl Cells for Avx512Vnni {
        type Floats = Avx512;
        type Vector = __m512i;
        const PRODUCTS: usize = 4;
        const OFFSET: i32 = 128;

        #[inline(always)]
        unsafe fn load(from: *const u32) -> __m512i {
            unsafe { _mm512_loadu_si512(from.cast()) }
        }
        #[inline(always)]
        unsafe fn store(to: *mut u32, value: __m512i) {
            unsafe { _mm512_storeu_si512(to.cast(), value) }
        }
        #[inline(always)]
        unsafe fn splat(value: u32) -> __m512i {
            unsafe { _mm512_set1_epi32(value as i32) }
        }
        #[inline(always)]
        unsafe fn add_products(sum: __m512i, left: __m512i, right: __m512i) -> __m512i {
            unsafe { _mm512_dpbusd_epi32(sum, left, right) }
        }
        #[inline(always)]
        unsafe fn to_floats(sum: __m512i) -> __m512 {
            unsafe { _mm512_cvtepi32_ps(sum) }
        }
        #[inline(always)]
        unsafe fn pack(from: *const i8, step: usize, to: *mut u32) {
            unsafe { pack_fours(from, step, to) }
        }
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
pub use x86::ShortVnni;
#[cfg(target_arch = "aarch64")]
mod arm {
    use super::Cells;
    use crate::kernels::lanes::Plain;
    use std::arch::aarch64::*;
    use std::arch::asm;

    /// Four bytes a cell, both sides with a sign. (Rust has no stable function for the instruction.)
    #[derive(Clone, Copy)]
    pub struct Dot;

    #[inline(always)]
    unsafe fn add_dot(sum: int32x4_t, left: int32x4_t, right: int32x4_t) -> int32x4_t {
        let mut result = sum;
        unsafe {
            asm!(
                "sdot {0:v}.4s, {1:v}.16b, {2:v}.16b",
                inout(vreg) result, in(vreg) left, in(vreg) right,
                options(pure, nomem, nostack, preserves_flags)
            );
        }
        result
    }

    impl Cells for Dot {
        type Floats = Plain;
        type Vector = (int32x4_t, int32x4_t);
        const PRODUCTS: usize = 4;
        const OFFSET: i32 = 0;

        #[inline(always)]
        unsafe fn load(from: *const u32) -> Self::Vector {
            unsafe { (vld1q_s32(from.cast()), vld1q_s32(from.add(4).cast())) }
        }
        #[inline(always)]
        unsafe fn store(to: *mut u32, (low, high): Self::Vector) {
            unsafe {
                vst1q_s32(to.cast(), low);
                vst1q_s32(to.add(4).cast(), high);
            }
        }
        #[inline(always)]
        unsafe fn splat(value: u32) -> Self::Vector {
            let all = unsafe { vdupq_n_s32(value as i32) };
            (all, all)
        }
        #[inline(always)]
        unsafe fn row(value: u32) -> Self::Vector {
            unsafe { Self::splat(value ^ 0x8080_8080) }
        }
        #[inline(always)]
        unsafe fn add_products(
            sum: Self::Vector,
            left: Self::Vector,
            right: Self::Vector,
        ) -> Self::Vector {
            unsafe {
                (
                    add_dot(sum.0, left.0, right.0),
                    add_dot(sum.1, left.1, right.1),
                )
            }
        }
        #[inline(always)]
        unsafe fn to_floats((low, high): Self::Vector) -> [f32; 8] {
            let mut floats = [0.0; 8];
            unsafe {
                vst1q_f32(floats.as_mut_ptr(), vcvtq_f32_s32(low));
                vst1q_f32(floats.as_mut_ptr().add(4), vcvtq_f32_s32(high));
            }
            floats
        }
        #[inline(always)]
        unsafe fn pack(from: *const i8, step: usize, to: *mut u32) {
            unsafe {
                for half in 0..2 {
                    let (from, to) = (from.add(half * 16), to.add(half * 16));
                    let rows = int8x16x4_t(
                        vld1q_s8(from),
                        vld1q_s8(from.add(step)),
                        vld1q_s8(from.add(2 * step)),
                        vld1q_s8(from.add(3 * step)),
                    );
                    vst4q_s8(to.cast(), rows);
                }
            }
        }
    }
}

#[cfg(target_arch = "aarch64")]
pub use arm::Dot;
#[cfg(target_arch = "x86_64")]
pub use x86::{Avx512Vnni, AvxVnni};

/// The kinds of processors that there are cells for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    #[cfg(target_arch = "aarch64")]
    Dot,
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    #[cfg(all(test, target_arch = "x86_64"))]
    ShortVnni,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Plain,
}

/// All that this processor can run, the best first.
pub fn kinds() -> Vec<Kind> {
    let mut all = vec![];
    #[cfg(target_arch = "x86_64")]
    {
        let has_avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        let has_avx512 = has_avx2
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vnni");
        if has_avx512 {
            all.push(Kind::Avx512Vnni);
        }
        if has_avx2 && is_x86_feature_detected!("avxvnni") {
            all.push(Kind::AvxVnni);
        }
        #[cfg(test)]
        if has_avx512 {
            all.push(Kind::ShortVnni);
        }
        if has_avx2 {
            all.push(Kind::Avx2);
        }
    }
    #[cfg(target_arch = "aarch64")]
    if std::arch::is_aarch64_feature_detected!("dotprod") {
        all.push(Kind::Dot);
    }
    all.push(Kind::Plain);
    all
}

#[cfg(test)]
thread_local! {
    /// What a test asks for in the place of the best.
    pub static ASKED: std::cell::Cell<Option<Kind>> = const { std::cell::Cell::new(None) };
}

/// The best that this processor can run.
pub fn kind() -> Kind {
    #[cfg(test)]
    if let Some(kind) = ASKED.get() {
        return kind;
    }
    static BEST: std::sync::LazyLock<Kind> = std::sync::LazyLock::new(|| kinds()[0]);
    *BEST
}

/// `with_cells!(kind, f(a: A, b: B))` with `unsafe fn f<C: Cells>(a: A, b: B)`, all `#[inline(always)]`: calls f compiled for the
/// kind, which the processor has.
macro_rules! with_cells {
    ($kind:expr, $run:ident($($name:ident: $type:ty),* $(,)?)) => {{
        #[cfg(target_arch = "x86_64")]
        {
            use $crate::kernels::quantized::cells;
            #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512vnni,avx2,fma")]
            unsafe fn by_avx512_vnni($($name: $type),*) {
                unsafe { $run::<cells::Avx512Vnni>($($name),*) }
            }
            #[target_feature(enable = "avxvnni,avx2,fma")]
            unsafe fn by_avx_vnni($($name: $type),*) {
                unsafe { $run::<cells::AvxVnni>($($name),*) }
            }
            #[cfg(test)]
            #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512vnni,avx2,fma")]
            unsafe fn by_short_vnni($($name: $type),*) {
                unsafe { $run::<cells::ShortVnni>($($name),*) }
            }
            #[target_feature(enable = "avx2,fma")]
            unsafe fn by_avx2($($name: $type),*) {
                unsafe { $run::<$crate::kernels::lanes::Avx2>($($name),*) }
            }
            // SAFETY: the processor has them.
            match $kind {
                cells::Kind::Avx512Vnni => unsafe { by_avx512_vnni($($name),*) },
                cells::Kind::AvxVnni => unsafe { by_avx_vnni($($name),*) },
                #[cfg(test)]
                cells::Kind::ShortVnni => unsafe { by_short_vnni($($name),*) },
                cells::Kind::Avx2 => unsafe { by_avx2($($name),*) },
                cells::Kind::Plain => unsafe { $run::<$crate::kernels::lanes::Plain>($($name),*) },
            }
        }
        #[cfg(target_arch = "aarch64")]
        {
            use $crate::kernels::quantized::cells;
            #[target_feature(enable = "neon,dotprod")]
            unsafe fn by_dot($($name: $type),*) {
                unsafe { $run::<cells::Dot>($($name),*) }
            }
            // SAFETY: as above.
            match $kind {
                cells::Kind::Dot => unsafe { by_dot($($name),*) },
                cells::Kind::Plain => unsafe { $run::<$crate::kernels::lanes::Plain>($($name),*) },
            }
        }
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        {
            let $crate::kernels::quantized::cells::Kind::Plain = $kind;
            unsafe { $run::<$crate::kernels::lanes::Plain>($($name),*) }
        }
    }};
}
pub(super) use with_cells;
