//! Rows rounded to 8 bits, each by its largest magnitude.

use crate::kernels::lanes::Lanes;
use crate::parallel::{Disjoint, Parallel};
use crate::with_lanes;

/// The byte that stands for 0.
pub const ZERO: u8 = 128;

/// Numbers that one part of the work rounds, about.
const NUMBERS_OF_PART: usize = 1 << 15;

/// x about (values - 128) scales, with scales = max |x| / 127 of the row; halves are rounded to even. A row of zeros gets a scale above
/// zero; one with a NaN or an infinity a scale that is none of the finite numbers, so that no product hides it.
///
/// # Panics
/// Where the slices are not of one size.
pub fn quantize_rows(
    parallel: &dyn Parallel,
    columns: usize,
    x: &[f32],
    values: &mut [u8],
    scales: &mut [f32],
) {
    let rows = scales.len();
    assert!(x.len() == rows * columns && values.len() == x.len());
    let rows_of_part = NUMBERS_OF_PART.div_ceil(columns.max(1));
    let (values, scales) = (Disjoint::new(values), Disjoint::new(scales));
    parallel.for_each(rows.div_ceil(rows_of_part), &|part| {
        for row in part * rows_of_part..rows.min((part + 1) * rows_of_part) {
            let range = row * columns..(row + 1) * columns;
            let x = &x[range.clone()];
            // SAFETY: each row is asked for once.
            let (values, scale) =
                unsafe { (values.slice(range), &mut scales.slice(row..row + 1)[0]) };
            with_lanes!(quantize(x: &[f32], values: &mut [u8], scale: &mut f32));
        }
    });
}

/// Plain loops, compiled with the vectors that there are.
#[inline(always)]
unsafe fn quantize<L: Lanes>(x: &[f32], values: &mut [u8], scale: &mut f32) {
    // As whole numbers magnitudes have the same order, and NaN is above all of them.
    let largest = x.iter().fold(0, |largest: u32, value| {
        largest.max(value.to_bits() & (u32::MAX >> 1))
    });
    let largest = f32::from_bits(largest);
    let floor = 1e-30;
    *scale = if largest < floor { floor } else { largest } * (1.0 / 127.0);
    // Whole numbers are all that is left of f32 above 2^23, so the sum is rounded to one, which is then in its lowest bits.
    let magic = 12_582_912.0 + f32::from(ZERO);
    for (to, value) in values.iter_mut().zip(x) {
        *to = (value / *scale + magic).to_bits() as u8;
    }
}
