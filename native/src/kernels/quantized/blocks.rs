//! Products with weights in blocks of few bits, each of which has a scale. A weight is made wide a panel at a time, in the order in which the
//! innermost loop reads it: nothing wide is ever in memory.

use super::cells::COLUMNS;
use super::floats::tile;
use super::products::ROWS;
use crate::kernels::lanes::Lanes;
use crate::kernels::scratch::Scratch;
use crate::parallel::{Disjoint, Parallel};
use crate::with_lanes;
use std::ops::Range;

/// How whole numbers lie in bytes.
#[derive(Clone, Copy, PartialEq)]
pub enum Bits {
    /// The first of two in the low half.
    Four,
    Eight,
}

/// A matrix, row by row. `block` neighbours of a row share a scale; a row begins with a block.
#[derive(Clone, Copy)]
pub struct BlockWeight<'a> {
    pub bytes: &'a [u8],
    pub bits: Bits,
    pub rows: usize,
    pub columns: usize,
    pub block: usize,
    /// (rows x blocks of a row)
    pub scales: &'a [f32],
}

/// Numbers of the inner axis that are made wide at a time.
const BLOCK: usize = 512;
/// Panels of a part of the work.
const PANELS: usize = 2;

impl BlockWeight<'_> {
    fn fits(&self) -> bool {
        let count = self.rows * self.columns;
        let bytes = match self.bits {
            Bits::Four => count.div_ceil(2),
            Bits::Eight => count,
        };
        self.block > 0
            && self.bytes.len() == bytes
            && self.scales.len() == self.rows * self.columns.div_ceil(self.block)
    }

    /// Neighbours of a row, made wide.
    #[inline(always)]
    fn widen(&self, row: usize, columns: Range<usize>, to: &mut [f32]) {
        let scales = &self.scales[row * self.columns.div_ceil(self.block)..];
        let mut at = columns.start;
        while at < columns.end {
            let block = at / self.block;
            let end = columns.end.min((block + 1) * self.block);
            let to = &mut to[at - columns.start..end - columns.start];
            self.levels(row * self.columns + at, to);
            for value in to {
                *value *= scales[block];
            }
            at = end;
        }
    }

    #[inline(always)]
    fn levels(&self, start: usize, to: &mut [f32]) {
        if self.bits == Bits::Eight {
            for (to, byte) in to.iter_mut().zip(&self.bytes[start..]) {
                *to = f32::from(*byte as i8);
            }
            return;
        }
        let low = |byte: u8| f32::from((byte << 4) as i8 >> 4);
        let high = |byte: u8| f32::from(byte as i8 >> 4);
        if start.is_multiple_of(2) && to.len().is_multiple_of(2) {
            for (to, byte) in to.chunks_exact_mut(2).zip(&self.bytes[start / 2..]) {
                to[0] = low(*byte);
                to[1] = high(*byte);
            }
            return;
        }
        for (at, to) in (start..).zip(to) {
            let byte = self.bytes[at / 2];
            *to = if at.is_multiple_of(2) {
                low(byte)
            } else {
                high(byte)
            };
        }
    }
}

/// target = x W^T, or x W where `transposed`.
///
/// # Panics
/// Where they do not fit.
pub fn block_products(
    parallel: &dyn Parallel,
    x: &[f32],
    weight: &BlockWeight,
    transposed: bool,
    target: &mut [f32],
) {
    let [columns, inner] = if transposed {
        [weight.columns, weight.rows]
    } else {
        [weight.rows, weight.columns]
    };
    assert!(weight.fits());
    if target.is_empty() {
        return;
    }
    let rows = target.len() / columns;
    assert!(target.len() == rows * columns && x.len() == rows * inner);
    if inner == 0 {
        return target.fill(0.0);
    }
    let target = &Disjoint::new(target);
    let panels = columns.div_ceil(COLUMNS);
    let work = &Work {
        x,
        weight,
        transposed,
        rows,
        columns,
        inner,
        target,
    };
    parallel.for_each(panels.div_ceil(PANELS), &|part| {
        let own = part * PANELS..panels.min((part + 1) * PANELS);
        with_lanes!(all_tiles(work: &Work, own: Range<usize>));
    });
}

struct Work<'a> {
    x: &'a [f32],
    weight: &'a BlockWeight<'a>,
    transposed: bool,
    rows: usize,
    columns: usize,
    inner: usize,
    target: &'a Disjoint<'a, f32>,
}

#[inline(always)]
unsafe fn all_tiles<L: Lanes>(work: &Work, panels: Range<usize>) {
    let Work {
        rows,
        columns,
        inner,
        ..
    } = *work;
    let blocks = inner.div_ceil(BLOCK);
    let mut scratch = Scratch::take((PANELS * COLUMNS + 8) * BLOCK);
    let (packed, spare) = scratch.split_at_mut(PANELS * COLUMNS * BLOCK);
    for block in 0..blocks {
        let range = inner * block / blocks..inner * (block + 1) / blocks;
        let length = range.len();
        for (panel, to) in panels
            .clone()
            .zip(packed.chunks_exact_mut(COLUMNS * length))
        {
            let own = panel * COLUMNS..columns.min((panel + 1) * COLUMNS);
            unsafe { pack::<L>(work, own, range.clone(), spare, to) };
        }
        for first in (0..rows).step_by(ROWS) {
            let left = std::array::from_fn(|at| {
                let row = (first + at).min(rows - 1);
                work.x.as_ptr().wrapping_add(row * inner + range.start)
            });
            for (panel, right) in panels.clone().zip(packed.chunks_exact(COLUMNS * length)) {
                let height = ROWS.min(rows - first);
                let width = COLUMNS.min(columns - panel * COLUMNS);
                let place = first * columns + panel * COLUMNS;
                // SAFETY: as in products.rs, tiles do not overlap.
                unsafe {
                    let to = work
                        .target
                        .pointer(place..place + (height - 1) * columns + width);
                    let (left, right) = ((&left, 1), right.as_ptr());
                    if height == ROWS && width == COLUMNS {
                        tile::<L>(length, left, right, block > 0, (to, columns));
                        continue;
                    }
                    let mut sums = [0.0; ROWS * COLUMNS];
                    tile::<L>(length, left, right, false, (sums.as_mut_ptr(), COLUMNS));
                    for row in 0..height {
                        for column in 0..width {
                            let to = &mut *to.add(row * columns + column);
                            let before = if block > 0 { *to } else { 0.0 };
                            *to = before + sums[row * COLUMNS + column];
                        }
                    }
                }
            }
        }
    }
}

/// Columns of the right side, (range x COLUMNS); what is missing to a whole panel is zero. `spare` has eight rows of BLOCK.
#[inline(always)]
unsafe fn pack<L: Lanes>(
    work: &Work,
    own: Range<usize>,
    range: Range<usize>,
    spare: &mut [f32],
    to: &mut [f32],
) {
    if own.len() < COLUMNS {
        to.fill(0.0);
    }
    if work.transposed {
        for (row, to) in range.zip(to.chunks_exact_mut(COLUMNS)) {
            work.weight.widen(row, own.clone(), &mut to[..own.len()]);
        }
        return;
    }
    let length = range.len();
    for first in (0..own.len()).step_by(8) {
        let count = 8.min(own.len() - first);
        for (at, to) in spare.chunks_exact_mut(BLOCK).enumerate().take(count) {
            let row = own.start + first + at;
            work.weight.widen(row, range.clone(), &mut to[..length]);
        }
        let whole = if count == 8 { length - length % 8 } else { 0 };
        for place in (0..whole).step_by(8) {
            unsafe {
                let to = to.as_mut_ptr().add(place * COLUMNS + first);
                L::transpose_eight(spare.as_ptr().add(place), BLOCK, to, COLUMNS);
            }
        }
        for (at, from) in spare.chunks_exact(BLOCK).enumerate().take(count) {
            for place in whole..length {
                to[place * COLUMNS + first + at] = from[place];
            }
        }
    }
}
