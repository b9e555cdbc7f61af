//! What the innermost loop reads of a part of the work, side by side: columns of the right factors, and rows of bytes where they cannot be
//! read as they lie.

use super::cells::{COLUMNS, Cells};
use super::products::{ByteTerm, ROWS};
use super::rows::ZERO;
use crate::kernels::lanes::Lanes;
use crate::kernels::products::Factor;
use std::ops::Range;

/// Columns of a weight, as many as a panel has.
#[derive(Clone, Copy)]
pub struct BytePanel {
    /// Of each column: what its sums begin with, so that what rows' values have on top is taken off again.
    pub starts: *const u32,
    pub scales: *const f32,
    /// (groups x COLUMNS)
    pub cells: *const u32,
}

pub const fn length_of_byte_panel(groups: usize) -> usize {
    COLUMNS * (2 + groups)
}

/// Where it begins in its part's scratch.
pub fn byte_panel(at: *const f32) -> BytePanel {
    BytePanel {
        starts: at.cast(),
        scales: at.wrapping_add(COLUMNS),
        cells: at.wrapping_add(2 * COLUMNS).cast(),
    }
}

/// Writes a panel of `length_of_byte_panel` numbers. What is missing to whole groups and columns is zero.
#[inline(always)]
pub unsafe fn pack_bytes<C: Cells>(
    term: &ByteTerm,
    columns: usize,
    own: Range<usize>,
    to: *mut f32,
) {
    let inner = term.weight.len() / columns;
    let groups = inner.div_ceil(C::PRODUCTS);
    let width = own.len();
    let starts = to.cast::<u32>();
    let vectors = COLUMNS / C::Floats::WIDTH;
    unsafe {
        let (scales, cells) = (to.add(COLUMNS), to.add(2 * COLUMNS).cast::<u32>());
        for column in 0..COLUMNS {
            *scales.add(column) = *term.scales.get(own.start + column).unwrap_or(&0.0);
        }
        let mut sums = [C::splat(0); COLUMNS / 8];
        for group in 0..groups {
            let row = group * C::PRODUCTS;
            let from = term.weight.as_ptr().add(row * columns + own.start);
            let to = cells.add(group * COLUMNS);
            let rows = C::PRODUCTS.min(inner - row);
            if rows == C::PRODUCTS && width == COLUMNS {
                C::pack(from, columns, to);
            } else {
                let mut whole = [[0i8; COLUMNS]; 4];
                for (row, whole) in whole.iter_mut().enumerate().take(rows) {
                    for (column, to) in whole.iter_mut().enumerate().take(width) {
                        *to = *from.add(row * columns + column);
                    }
                }
                C::pack(whole.as_ptr().cast(), COLUMNS, to);
            }
            if C::OFFSET != 0 {
                for (at, sum) in sums.iter_mut().enumerate().take(vectors) {
                    let weights = C::load(to.add(at * C::Floats::WIDTH));
                    *sum = C::add_products(*sum, C::splat(0x0101_0101), weights);
                }
            }
        }
        for (at, sum) in sums.iter().enumerate().take(vectors) {
            C::store(starts.add(at * C::Floats::WIDTH), *sum);
        }
        for column in 0..COLUMNS {
            let sum = *starts.add(column) as i32;
            *starts.add(column) = sum.wrapping_mul(-C::OFFSET) as u32;
        }
    }
}

/// Writes (inner x COLUMNS) numbers of a right factor; what is missing to whole columns is zero.
pub fn pack_floats(factor: Factor, inner: usize, own: Range<usize>, to: &mut [f32]) {
    let [down, across] = steps_of(factor);
    for (place, to) in to.chunks_exact_mut(COLUMNS).enumerate().take(inner) {
        for (column, to) in own.clone().zip(to.iter_mut()) {
            *to = factor.values[place * down + column * across];
        }
        to[own.len()..].fill(0.0);
    }
}

/// How far apart rows and columns are, as they are multiplied.
pub fn steps_of(factor: Factor) -> [usize; 2] {
    if factor.transposed {
        [1, factor.columns]
    } else {
        [factor.columns, 1]
    }
}

/// Whether the loop reads rows of bytes as they lie.
pub fn reads_in_place<C: Cells>(inner: usize) -> bool {
    C::PRODUCTS == 4 && inner.is_multiple_of(4)
}

/// Rows from `first` on as groups of values, each a cell; the last one stands for those that are missing to a tile. `spare` has
/// ROWS x groups cells, unless they are read in place.
#[inline(always)]
pub unsafe fn rows_of<C: Cells>(
    term: &ByteTerm,
    first: usize,
    spare: *mut f32,
) -> [*const u32; ROWS] {
    let rows = term.row_scales.len();
    let inner = term.values.len() / rows;
    let groups = inner.div_ceil(C::PRODUCTS);
    let mut places = [std::ptr::null(); ROWS];
    for (at, place) in places.iter_mut().enumerate() {
        let row = (first + at).min(rows - 1);
        let values = &term.values[row * inner..(row + 1) * inner];
        if reads_in_place::<C>(inner) {
            *place = values.as_ptr().cast();
            continue;
        }
        // SAFETY: each of the ROWS has so many cells in the spare place.
        unsafe {
            let to = spare.add(at * groups).cast::<u32>();
            let count = groups * C::PRODUCTS;
            if C::PRODUCTS == 4 {
                let to = std::slice::from_raw_parts_mut(to.cast::<u8>(), count);
                to[..inner].copy_from_slice(values);
                to[inner..].fill(ZERO);
            } else {
                let to = std::slice::from_raw_parts_mut(to.cast::<i16>(), count);
                for (to, value) in to.iter_mut().zip(values) {
                    *to = i16::from(*value) - i16::from(ZERO);
                }
                to[inner..].fill(0);
            }
            *place = to;
        }
    }
    places
}
