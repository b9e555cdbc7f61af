//! Factors as the tiles read them.

use super::{Factor, PLACES, Piece, Tile};
use crate::kernels::lanes::Lanes;
use crate::with_lanes;
use std::ops::Range;

#[derive(Clone, Copy, PartialEq)]
pub enum Side {
    Left,
    Right,
}

/// Lines of the factors (rows of left ones, columns of right ones) side by side, one place of the inner axis after the other. What is
/// missing to a whole group is zero.
pub fn copy_all(pieces: &[Piece], side: Side, lines: Range<usize>, group: usize, to: &mut [f32]) {
    if lines.len() < group {
        to.fill(0.0);
    }
    let mut at = 0;
    for piece in pieces {
        let (factor, along) = match side {
            Side::Left => (piece.left, piece.left.transposed),
            Side::Right => (piece.right, !piece.right.transposed),
        };
        let to = &mut to[at * group..(at + piece.range.len()) * group];
        if along {
            copy_along(factor, lines.clone(), piece.range.clone(), group, to);
        } else {
            copy_across(factor, lines.clone(), piece.range.clone(), group, to);
        }
        at += piece.range.len();
    }
}

/// Lines that lie side by side in memory.
fn copy_along(
    factor: Factor,
    lines: Range<usize>,
    range: Range<usize>,
    group: usize,
    to: &mut [f32],
) {
    let Factor {
        values, columns, ..
    } = factor;
    assert!(to.len() == range.len() * group && lines.end <= columns);
    if lines.len() < group {
        for (place, to) in range.zip(to.chunks_exact_mut(group)) {
            let start = place * columns;
            to[..lines.len()].copy_from_slice(&values[start + lines.start..start + lines.end]);
        }
        return;
    }
    assert!(values.len() >= range.end * columns);
    let from = values[range.start * columns + lines.start..].as_ptr();
    let (count, target) = (range.len(), to.as_mut_ptr());
    with_lanes!(whole_groups(from: *const f32, columns: usize, count: usize, group: usize, target: *mut f32));
}

/// `group` is PLACES, or two vectors.
#[inline(always)]
unsafe fn whole_groups<L: Lanes>(
    from: *const f32,
    columns: usize,
    count: usize,
    group: usize,
    to: *mut f32,
) {
    unsafe {
        if group == PLACES {
            for place in 0..count {
                let eight = L::Eight::load(from.add(place * columns));
                L::Eight::store(to.add(place * PLACES), eight);
            }
            return;
        }
        let Tile { columns: group, .. } = Tile::of::<L>();
        for place in 0..count {
            for column in (0..group).step_by(L::WIDTH) {
                let vector = L::load(from.add(place * columns + column));
                L::store(to.add(place * group + column), vector);
            }
        }
    }
}

/// Lines that lie one after the other in memory, turned.
fn copy_across(
    factor: Factor,
    lines: Range<usize>,
    range: Range<usize>,
    group: usize,
    to: &mut [f32],
) {
    let Factor {
        values, columns, ..
    } = factor;
    let count = range.len();
    let whole = count - count % 8;
    let eights = lines.len() - lines.len() % 8;
    assert!(
        to.len() == count * group && values.len() >= lines.end * columns && range.end <= columns
    );
    let from = values[lines.start * columns + range.start..].as_ptr();
    let target = to.as_mut_ptr();
    with_lanes!(turn_eights(from: *const f32, columns: usize, eights: usize, whole: usize, group: usize, target: *mut f32));
    for (line, row) in lines.enumerate() {
        let done = if line < eights { whole } else { 0 };
        let from = &values[row * columns + range.start..row * columns + range.end];
        for place in done..count {
            to[place * group + line] = from[place];
        }
    }
}

#[inline(always)]
unsafe fn turn_eights<L: Lanes>(
    from: *const f32,
    columns: usize,
    lines: usize,
    count: usize,
    group: usize,
    to: *mut f32,
) {
    for line in (0..lines).step_by(8) {
        for place in (0..count).step_by(8) {
            unsafe {
                L::transpose_eight(
                    from.add(line * columns + place),
                    columns,
                    to.add(place * group + line),
                    group,
                );
            }
        }
    }
}
