//! Products of matrices and sums of them: target = base + sum of left_i right_i, in one pass over the target. Factors are copied into the
//! order in which the innermost loop reads them, a block of the inner axis at a time, so that all it reads comes from the caches near
//! it. A number of the result is the sum of its products in their order, block by block: no split of the work changes a bit of it.

mod pack;
#[cfg(test)]
mod tests;

use super::lanes::{Lanes, Plain};
use super::scratch::Scratch;
use crate::parallel::{Disjoint, Parallel};
use crate::with_lanes;
use pack::{Side, copy_all};
use std::ops::Range;

/// A factor as it lies in memory, row by row.
#[derive(Clone, Copy)]
pub struct Factor<'a> {
    pub values: &'a [f32],
    /// Of the matrix as it lies.
    pub columns: usize,
    /// Whether what is multiplied is the transposed matrix.
    pub transposed: bool,
}

/// One product of a sum: left (rows x inner), right (inner x columns), as they are multiplied.
#[derive(Clone, Copy)]
pub struct Term<'a> {
    pub left: Factor<'a>,
    pub right: Factor<'a>,
    pub inner: usize,
}

/// Numbers of the inner axis in a block at most: what a tile reads of the left factor then stays in the innermost cache.
const BLOCK: usize = 800;
/// Values of the left factor that stand together, of which a tile multiplies the first ones: as many as are turned at a time.
const PLACES: usize = 8;
/// Tiles whose left side is copied as one part of the work.
const TILES_OF_PART: usize = 4;
/// Columns up to which a result is narrow.
const NARROW: usize = 32;

/// Numbers of the result whose sums are in registers at once.
#[derive(Clone, Copy)]
struct Tile {
    rows: usize,
    columns: usize,
}

impl Tile {
    const LARGEST: usize = PLACES * 32;

    /// Two vectors wide. With 16 registers six rows keep the multipliers busy (four leave a tenth of them idle), with 32 eight do.
    const fn of<L: Lanes>() -> Self {
        Tile {
            rows: if L::WIDTH == 16 { 8 } else { 6 },
            columns: 2 * L::WIDTH,
        }
    }

    fn here() -> Self {
        #[inline(always)]
        unsafe fn tell<L: Lanes>(tile: &mut Tile) {
            *tile = Tile::of::<L>();
        }
        let mut tile = Tile::of::<Plain>();
        let to = &mut tile;
        with_lanes!(tell(to: &mut Tile));
        tile
    }
}

impl Factor<'_> {
    fn flipped(self) -> Self {
        Factor {
            transposed: !self.transposed,
            ..self
        }
    }

    pub(super) fn fits(&self, rows: usize, columns: usize) -> bool {
        let wide = if self.transposed { rows } else { columns };
        self.columns == wide && self.values.len() == rows * columns
    }
}

/// What is computed: rows x columns numbers; flipped where they go to the target's columns and rows.
struct Shape {
    rows: usize,
    columns: usize,
    flipped: bool,
}

/// target (rows x columns) = base + sum of the terms.
///
/// # Panics
/// Where a factor does not fit.
pub fn products(
    parallel: &dyn Parallel,
    [rows, columns]: [usize; 2],
    base: Option<&[f32]>,
    terms: &[Term],
    target: &mut [f32],
) {
    assert!(target.len() == rows * columns && base.is_none_or(|base| base.len() == target.len()));
    for Term { left, right, inner } in terms {
        assert!(left.fits(rows, *inner) && right.fits(*inner, columns));
    }
    let inner: usize = terms.iter().map(|term| term.inner).sum();
    if inner == 0 || target.is_empty() {
        return match base {
            Some(base) => target.copy_from_slice(base),
            None => target.fill(0.0),
        };
    }
    // A narrow result is computed as a low one: its tiles would be half empty, and the long side copied.
    let flips = columns <= NARROW && rows > columns;
    let flipped: Vec<Term>;
    let (terms, shape) = if flips {
        flipped = terms
            .iter()
            .map(|Term { left, right, inner }| Term {
                left: right.flipped(),
                right: left.flipped(),
                inner: *inner,
            })
            .collect();
        (
            flipped.as_slice(),
            Shape {
                rows: columns,
                columns: rows,
                flipped: true,
            },
        )
    } else {
        (
            terms,
            Shape {
                rows,
                columns,
                flipped: false,
            },
        )
    };
    let blocks = inner.div_ceil(BLOCK);
    let target = Disjoint::new(target);
    for block in 0..blocks {
        let range = inner * block / blocks..inner * (block + 1) / blocks;
        add_block(
            parallel,
            &shape,
            &pieces(terms, range),
            if block == 0 {
                Start::At(base)
            } else {
                Start::AtTarget
            },
            &target,
        );
    }
}

/// A part of a term's inner axis.
struct Piece<'a> {
    left: Factor<'a>,
    right: Factor<'a>,
    range: Range<usize>,
}

/// What of each term lies in a range of their inner axes, one after the other.
fn pieces<'a>(terms: &[Term<'a>], range: Range<usize>) -> Vec<Piece<'a>> {
    let mut before = 0;
    let mut pieces = vec![];
    for Term { left, right, inner } in terms {
        let from = range.start.max(before) - before;
        let to = range.end.min(before + inner).saturating_sub(before);
        if from < to {
            pieces.push(Piece {
                left: *left,
                right: *right,
                range: from..to,
            });
        }
        before += inner;
    }
    pieces
}

/// What a tile's sums are added to.
#[derive(Clone, Copy)]
enum Start<'a> {
    At(Option<&'a [f32]>),
    AtTarget,
}

fn add_block(
    parallel: &dyn Parallel,
    shape: &Shape,
    pieces: &[Piece],
    start: Start,
    target: &Disjoint<f32>,
) {
    let length: usize = pieces.iter().map(|piece| piece.range.len()).sum();
    let tile = Tile::here();
    let tiles = shape.rows.div_ceil(tile.rows);
    let mut left = Scratch::take(tiles * PLACES * length);
    {
        let size = PLACES * length;
        let copied = Disjoint::new(&mut left);
        parallel.for_each(tiles.div_ceil(TILES_OF_PART), &|part| {
            for at in part * TILES_OF_PART..tiles.min((part + 1) * TILES_OF_PART) {
                // SAFETY: each tile is asked for once.
                let to = unsafe { copied.slice(at * size..(at + 1) * size) };
                let first = at * tile.rows;
                copy_all(
                    pieces,
                    Side::Left,
                    first..shape.rows.min(first + PLACES),
                    PLACES,
                    to,
                );
            }
        });
    }
    let left: &[f32] = &left;
    let panels = shape.columns.div_ceil(tile.columns);
    let chunk = panels_at_once(panels, tile.columns, parallel.threads());
    parallel.for_each(panels.div_ceil(chunk), &|part| {
        let size = tile.columns * length;
        let mut right = Scratch::take(size * chunk);
        let own = part * chunk..panels.min((part + 1) * chunk);
        for (panel, to) in own.clone().zip(right.chunks_exact_mut(size)) {
            let lines = panel * tile.columns..shape.columns.min((panel + 1) * tile.columns);
            copy_all(pieces, Side::Right, lines, tile.columns, to);
        }
        let right: &[f32] = &right;
        let work = &Work {
            shape,
            left,
            right,
            length,
            start,
            target,
        };
        with_lanes!(all_tiles(work: &Work, own: Range<usize>));
    });
}

/// Panels of a part: few enough that each thread has several parts, or as many as others.
fn panels_at_once(panels: usize, columns: usize, threads: usize) -> usize {
    [96 / columns, 64 / columns]
        .into_iter()
        .find(|chunk| {
            let parts = panels.div_ceil(*chunk);
            parts >= 8 * threads || (parts % threads == 0 && panels % chunk == 0)
        })
        .unwrap_or(1)
}

struct Work<'a> {
    shape: &'a Shape,
    /// Copied, for all tiles.
    left: &'a [f32],
    /// Copied, for the panels of this part.
    right: &'a [f32],
    /// Of the block.
    length: usize,
    start: Start<'a>,
    target: &'a Disjoint<'a, f32>,
}

/// The tiles of some panels: all panels of a row of tiles, while its left side is in the innermost cache.
#[inline(always)]
unsafe fn all_tiles<L: Lanes>(work: &Work, panels: Range<usize>) {
    let Work {
        shape,
        left,
        right,
        length,
        ..
    } = work;
    let whole = Tile::of::<L>();
    for (row, left) in left.chunks_exact(PLACES * length).enumerate() {
        for (panel, right) in panels
            .clone()
            .zip(right.chunks_exact(whole.columns * length))
        {
            let place = [row * whole.rows, panel * whole.columns];
            let rows = whole.rows.min(shape.rows - place[0]);
            let columns = whole.columns.min(shape.columns - place[1]);
            let mut sums = [0f32; Tile::LARGEST];
            unsafe {
                if !shape.flipped && rows == whole.rows && columns == whole.columns {
                    whole_tile::<L>(work, place, left, right);
                    continue;
                }
                tile::<L>(
                    *length,
                    left.as_ptr(),
                    right.as_ptr(),
                    |row, column, vector| {
                        L::store(sums.as_mut_ptr().add(row * whole.columns + column), vector);
                    },
                );
                add_sums(work, place, [rows, columns], &sums, whole.columns);
            }
        }
    }
}

/// A tile that lies in the target as it is computed.
#[inline(always)]
unsafe fn whole_tile<L: Lanes>(
    work: &Work,
    [row, column]: [usize; 2],
    left: &[f32],
    right: &[f32],
) {
    let step = work.shape.columns;
    let offset = row * step + column;
    let Tile { rows, columns } = Tile::of::<L>();
    let range = offset..offset + (rows - 1) * step + columns;
    unsafe {
        // SAFETY: tiles do not overlap, though the ranges of rows that their slices are of do; so they are written through pointers.
        let to = work.target.pointer(range.clone());
        let from = match work.start {
            Start::At(None) => None,
            Start::At(Some(base)) => Some(base[range].as_ptr()),
            Start::AtTarget => Some(to.cast_const()),
        };
        tile::<L>(
            work.length,
            left.as_ptr(),
            right.as_ptr(),
            |row, column, vector| {
                let place = row * step + column;
                let vector = match from {
                    Some(from) => L::add(L::load(from.add(place)), vector),
                    None => vector,
                };
                L::store(to.add(place), vector);
            },
        );
    }
}

/// Sums of a tile to where they belong, one by one.
#[inline(always)]
unsafe fn add_sums(
    work: &Work,
    [row, column]: [usize; 2],
    [rows, columns]: [usize; 2],
    sums: &[f32],
    stride: usize,
) {
    let Shape { flipped, .. } = work.shape;
    let step = if *flipped {
        work.shape.rows
    } else {
        work.shape.columns
    };
    for i in 0..rows {
        for j in 0..columns {
            let (high, wide) = if *flipped {
                (column + j, row + i)
            } else {
                (row + i, column + j)
            };
            let place = high * step + wide;
            // SAFETY: no other part writes this number.
            let to = unsafe { &mut *work.target.pointer(place..place + 1) };
            let before = match work.start {
                Start::At(None) => 0.0,
                Start::At(Some(base)) => base[place],
                Start::AtTarget => *to,
            };
            *to = before + sums[i * stride + j];
        }
    }
}

/// The sums of a tile; each vector goes to `put` with its row and column.
#[inline(always)]
unsafe fn tile<L: Lanes>(
    length: usize,
    left: *const f32,
    right: *const f32,
    put: impl FnMut(usize, usize, L::Vector),
) {
    unsafe {
        match Tile::of::<L>().rows {
            8 => rows_of_tile::<L, 8>(length, left, right, put),
            _ => rows_of_tile::<L, 6>(length, left, right, put),
        }
    }
}

#[inline(always)]
unsafe fn rows_of_tile<L: Lanes, const HEIGHT: usize>(
    length: usize,
    mut left: *const f32,
    mut right: *const f32,
    mut put: impl FnMut(usize, usize, L::Vector),
) {
    unsafe {
        let mut sums = [[L::splat(0.0); 2]; HEIGHT];
        for _ in 0..length {
            let columns = [L::load(right), L::load(right.add(L::WIDTH))];
            for (row, sums) in sums.iter_mut().enumerate() {
                let value = L::splat(*left.add(row));
                sums[0] = L::fused(value, columns[0], sums[0]);
                sums[1] = L::fused(value, columns[1], sums[1]);
            }
            left = left.add(PLACES);
            right = right.add(2 * L::WIDTH);
        }
        for (row, sums) in sums.iter().enumerate() {
            put(row, 0, sums[0]);
            put(row, L::WIDTH, sums[1]);
        }
    }
}
