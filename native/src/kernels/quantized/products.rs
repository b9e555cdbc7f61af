//! Sums of products of rounded rows with weights in 8 bits, and of plain products beside them (an adapter's), in one pass over the result.
//! Sums of bytes are whole numbers: in whatever order they are added, all their bits are the same. A sum's other parts are added in
//! one order, whoever adds them.

use super::cells::{COLUMNS, Cells, Kind, kind, with_cells};
use super::floats::tile;
use super::pack::{
    BytePanel, byte_panel, length_of_byte_panel, pack_bytes, pack_floats, reads_in_place, rows_of,
    steps_of,
};
use crate::kernels::lanes::Lanes;
use crate::kernels::products::Term;
use crate::kernels::scratch::Scratch;
use crate::parallel::{Disjoint, Parallel};
use std::mem::MaybeUninit;
use std::ops::Range;

/// Rounded rows times a weight in 8 bits: (values - 128) weight, each number times the scales of its row and its column.
#[derive(Clone, Copy)]
pub struct ByteTerm<'a> {
    /// (rows x inner)
    pub values: &'a [u8],
    pub row_scales: &'a [f32],
    /// (inner x columns)
    pub weight: &'a [i8],
    pub scales: &'a [f32],
}

/// Rows of a tile.
pub const ROWS: usize = 8;

/// The longest inner axis whose sums are sure to fit into 32 bits: 128 * 128 * 2^17 would not.
pub const LONGEST_INNER: usize = (1 << 17) - 1;

/// Rows that a part of the work has at least, so that copying its columns costs little beside.
const ROWS_OF_PART: usize = 128;

#[repr(align(64))]
struct Tile([[f32; COLUMNS]; ROWS]);

/// target (rows x columns) = sum of the products of bytes, in their order, + (sum of the plain ones).
///
/// # Panics
/// Where factors do not fit, or an inner axis of bytes is longer than `LONGEST_INNER`.
pub fn quantized_products(
    parallel: &dyn Parallel,
    [rows, columns]: [usize; 2],
    bytes: &[ByteTerm],
    floats: &[Term],
    target: &mut [f32],
) {
    assert!(target.len() == rows * columns && !bytes.is_empty());
    if target.is_empty() {
        return;
    }
    for term in bytes {
        let inner = term.values.len() / rows;
        assert!(
            term.values.len() == rows * inner
                && term.row_scales.len() == rows
                && term.weight.len() == inner * columns
                && term.scales.len() == columns
                && inner <= LONGEST_INNER
        );
    }
    for Term { left, right, inner } in floats {
        assert!(left.fits(rows, *inner) && right.fits(*inner, columns));
    }
    let kind = kind();
    let target = &Disjoint::new(target);
    let panels = columns.div_ceil(COLUMNS);
    let panels_of_part = panels_of_part(kind).min(panels);
    let chunks = panels.div_ceil(panels_of_part);
    let wanted = (8 * parallel.threads()).div_ceil(chunks);
    let rows_of_part = rows
        .div_ceil(wanted)
        .max(ROWS_OF_PART)
        .next_multiple_of(ROWS);
    let work = &Work {
        rows,
        columns,
        bytes,
        floats,
        target,
    };
    parallel.for_each(chunks * rows.div_ceil(rows_of_part), &|part| {
        let (chunk, part) = (part % chunks, part / chunks);
        let panels = chunk * panels_of_part..panels.min((chunk + 1) * panels_of_part);
        let own = part * rows_of_part..rows.min((part + 1) * rows_of_part);
        with_cells!(kind, all_tiles(work: &Work, panels: Range<usize>, own: Range<usize>));
    });
}

/// Where rows are made wider for each part, it has more columns.
fn panels_of_part(kind: Kind) -> usize {
    match kind {
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 => 4,
        Kind::Plain => 4,
        _ => 2,
    }
}

struct Work<'a> {
    rows: usize,
    columns: usize,
    bytes: &'a [ByteTerm<'a>],
    floats: &'a [Term<'a>],
    target: &'a Disjoint<'a, f32>,
}

/// The tiles of some panels and rows: all panels of a row of tiles, while its values are in the innermost cache.
#[inline(always)]
unsafe fn all_tiles<C: Cells>(work: &Work, panels: Range<usize>, rows: Range<usize>) {
    let Work {
        columns,
        bytes,
        floats,
        ..
    } = *work;
    let inner_of = |term: &ByteTerm| term.values.len() / work.rows;
    let groups_of = |term: &ByteTerm| inner_of(term).div_ceil(C::PRODUCTS);
    let length_of_panel = bytes
        .iter()
        .map(|term| length_of_byte_panel(groups_of(term)))
        .chain(floats.iter().map(|term| COLUMNS * term.inner))
        .sum::<usize>();
    let spare_of = |term: &ByteTerm| {
        if reads_in_place::<C>(inner_of(term)) {
            0
        } else {
            ROWS * groups_of(term)
        }
    };
    let length_of_rows: usize = bytes.iter().map(spare_of).sum();
    let mut scratch = Scratch::take(length_of_panel * panels.len() + length_of_rows);
    let (packed, spare) = scratch.split_at_mut(length_of_panel * panels.len());
    for (panel, mut to) in panels.clone().zip(packed.chunks_exact_mut(length_of_panel)) {
        let own = panel * COLUMNS..columns.min((panel + 1) * COLUMNS);
        for term in bytes {
            let (first, rest) = to.split_at_mut(length_of_byte_panel(groups_of(term)));
            unsafe { pack_bytes::<C>(term, columns, own.clone(), first.as_mut_ptr()) };
            to = rest;
        }
        for term in floats {
            let (first, rest) = to.split_at_mut(COLUMNS * term.inner);
            pack_floats(term.right, term.inner, own.clone(), first);
            to = rest;
        }
    }
    let mut places = vec![[std::ptr::null(); ROWS]; bytes.len()];
    let mut row_scales = vec![0.0; ROWS * bytes.len()];
    for first in rows.clone().step_by(ROWS) {
        let mut rest = spare.as_mut_ptr();
        for (term, places) in bytes.iter().zip(places.iter_mut()) {
            unsafe {
                *places = rows_of::<C>(term, first, rest);
                rest = rest.add(spare_of(term));
            }
        }
        for (term, scales) in bytes.iter().zip(row_scales.chunks_exact_mut(ROWS)) {
            for (row, scale) in (first..).zip(scales.iter_mut()) {
                *scale = term.row_scales[row.min(work.rows - 1)];
            }
        }
        for (panel, packed) in panels.clone().zip(packed.chunks_exact(length_of_panel)) {
            let height = ROWS.min(rows.end - first);
            let width = COLUMNS.min(columns - panel * COLUMNS);
            let place = first * columns + panel * COLUMNS;
            // SAFETY: tiles do not overlap, though the ranges of rows that their slices are of do; so they are written through pointers.
            unsafe {
                let to = work
                    .target
                    .pointer(place..place + (height - 1) * columns + width);
                let tile = &OfTile {
                    work,
                    left: &places,
                    row_scales: &row_scales,
                    first,
                    packed: packed.as_ptr(),
                };
                if height == ROWS && width == COLUMNS {
                    sum_up::<C>(tile, to, columns);
                    continue;
                }
                let mut whole = Tile([[0.0; COLUMNS]; ROWS]);
                sum_up::<C>(tile, whole.0.as_mut_ptr().cast(), COLUMNS);
                for (row, sums) in whole.0.iter().enumerate().take(height) {
                    for (column, sum) in sums.iter().enumerate().take(width) {
                        *to.add(row * columns + column) = *sum;
                    }
                }
            }
        }
    }
}

/// What a tile is computed from.
struct OfTile<'a> {
    work: &'a Work<'a>,
    /// Of each term of bytes its rows, and their scales.
    left: &'a [[*const u32; ROWS]],
    row_scales: &'a [f32],
    first: usize,
    /// Of each term, its panel.
    packed: *const f32,
}

/// All terms of a tile: those of bytes one after the other, then the sum of the others.
#[inline(always)]
unsafe fn sum_up<C: Cells>(tile: &OfTile, to: *mut f32, step: usize) {
    let Work {
        rows,
        bytes,
        floats,
        ..
    } = tile.work;
    let (mut sums, mut beside) = (MaybeUninit::<Tile>::uninit(), MaybeUninit::<Tile>::uninit());
    let (sums, beside) = (
        sums.as_mut_ptr().cast::<f32>(),
        beside.as_mut_ptr().cast::<f32>(),
    );
    unsafe {
        let groups_of = |term: &ByteTerm| (term.values.len() / rows).div_ceil(C::PRODUCTS);
        let of_bytes: usize = bytes
            .iter()
            .map(|term| length_of_byte_panel(groups_of(term)))
            .sum();
        let mut right = tile.packed.add(of_bytes);
        for (nth, term) in floats.iter().enumerate() {
            float_tile::<C::Floats>(term, tile.first..*rows, right, nth > 0, beside);
            right = right.add(COLUMNS * term.inner);
        }
        let mut right = tile.packed;
        for (nth, term) in bytes.iter().enumerate() {
            let groups = groups_of(term);
            let is_last = nth + 1 == bytes.len();
            let ends = Ends {
                before: (nth > 0).then_some(sums.cast_const()),
                beside: (is_last && !floats.is_empty()).then_some(beside.cast_const()),
                to: if is_last { to } else { sums },
                step: if is_last { step } else { COLUMNS },
            };
            let row_scales = &tile.row_scales[nth * ROWS..(nth + 1) * ROWS];
            byte_tile::<C>(
                groups,
                &tile.left[nth],
                byte_panel(right),
                row_scales,
                &ends,
            );
            right = right.add(length_of_byte_panel(groups));
        }
    }
}

/// What a term's products are added to, and where the sum goes, whose rows start `step` after one another.
struct Ends {
    before: Option<*const f32>,
    beside: Option<*const f32>,
    to: *mut f32,
    step: usize,
}

/// A term's products, scaled, as many at a time as there are registers for.
#[inline(always)]
unsafe fn byte_tile<C: Cells>(
    groups: usize,
    left: &[*const u32; ROWS],
    right: BytePanel,
    row_scales: &[f32],
    ends: &Ends,
) {
    let width = C::Floats::WIDTH;
    unsafe {
        if width == 16 {
            part_of_bytes::<C, 8>(groups, left, right, row_scales, ends, [0, 0]);
            return;
        }
        for row in (0..ROWS).step_by(4) {
            for column in (0..COLUMNS).step_by(2 * width) {
                part_of_bytes::<C, 4>(groups, left, right, row_scales, ends, [row, column]);
            }
        }
    }
}

#[inline(always)]
unsafe fn part_of_bytes<C: Cells, const HEIGHT: usize>(
    groups: usize,
    left: &[*const u32; ROWS],
    right: BytePanel,
    row_scales: &[f32],
    ends: &Ends,
    [row, column]: [usize; 2],
) {
    let width = C::Floats::WIDTH;
    unsafe {
        let mut rows = [std::ptr::null(); HEIGHT];
        rows.copy_from_slice(&left[row..row + HEIGHT]);
        let starts = right.starts.add(column);
        let starts = [C::load(starts), C::load(starts.add(width))];
        let mut sums = [starts; HEIGHT];
        let mut cells = right.cells.add(column);
        for group in 0..groups {
            let columns = [C::load(cells), C::load(cells.add(width))];
            for (sums, row) in sums.iter_mut().zip(&rows) {
                let value = C::row(row.add(group).read_unaligned());
                sums[0] = C::add_products(sums[0], value, columns[0]);
                sums[1] = C::add_products(sums[1], value, columns[1]);
            }
            cells = cells.add(COLUMNS);
        }
        let scales = right.scales.add(column);
        let scales = [C::Floats::load(scales), C::Floats::load(scales.add(width))];
        for (at, sums) in sums.iter().enumerate() {
            let row_scale = C::Floats::splat(row_scales[row + at]);
            for (vector, sum) in sums.iter().enumerate() {
                let column = column + vector * width;
                let place = (row + at) * COLUMNS + column;
                let product = C::Floats::mul(C::to_floats(*sum), scales[vector]);
                let mut product = C::Floats::mul(product, row_scale);
                if let Some(before) = ends.before {
                    product = C::Floats::add(C::Floats::load(before.add(place)), product);
                }
                if let Some(beside) = ends.beside {
                    product = C::Floats::add(product, C::Floats::load(beside.add(place)));
                }
                C::Floats::store(ends.to.add((row + at) * ends.step + column), product);
            }
        }
    }
}

/// A plain term's products, with a right factor of (inner x COLUMNS), or what there is and they.
#[inline(always)]
unsafe fn float_tile<L: Lanes>(
    term: &Term,
    rows: Range<usize>,
    right: *const f32,
    adds: bool,
    to: *mut f32,
) {
    let [down, across] = steps_of(term.left);
    let left = std::array::from_fn(|at| {
        let row = (rows.start + at).min(rows.end - 1);
        term.left.values.as_ptr().wrapping_add(row * down)
    });
    unsafe { tile::<L>(term.inner, (&left, across), right, adds, (to, COLUMNS)) }
}
