//! A tile of products of plain numbers.

use super::cells::COLUMNS;
use super::products::ROWS;
use crate::kernels::lanes::Lanes;

/// The products of ROWS rows, whose numbers are `across` apart, with a right side of (inner x COLUMNS), or what there is and they; as many at
/// a time as there are registers for. Rows of the target start `step` after one another.
#[inline(always)]
pub unsafe fn tile<L: Lanes>(
    inner: usize,
    (left, across): (&[*const f32; ROWS], usize),
    right: *const f32,
    adds: bool,
    (to, step): (*mut f32, usize),
) {
    unsafe {
        if L::WIDTH == 16 {
            part::<L, 8>(inner, (left, across), right, adds, (to, step));
            return;
        }
        for row in (0..ROWS).step_by(4) {
            for column in (0..COLUMNS).step_by(2 * L::WIDTH) {
                let to = (to.add(row * step + column), step);
                part::<L, 4>(inner, (&left[row..], across), right.add(column), adds, to);
            }
        }
    }
}

#[inline(always)]
unsafe fn part<L: Lanes, const HEIGHT: usize>(
    inner: usize,
    (left, across): (&[*const f32], usize),
    mut right: *const f32,
    adds: bool,
    (to, step): (*mut f32, usize),
) {
    unsafe {
        let mut rows = [std::ptr::null(); HEIGHT];
        rows.copy_from_slice(&left[..HEIGHT]);
        let mut sums = [[L::splat(0.0); 2]; HEIGHT];
        if adds {
            for (at, sums) in sums.iter_mut().enumerate() {
                let from = to.add(at * step);
                *sums = [L::load(from), L::load(from.add(L::WIDTH))];
            }
        }
        for place in 0..inner {
            let columns = [L::load(right), L::load(right.add(L::WIDTH))];
            for (sums, row) in sums.iter_mut().zip(&rows) {
                let value = L::splat(*row.add(place * across));
                sums[0] = L::fused(value, columns[0], sums[0]);
                sums[1] = L::fused(value, columns[1], sums[1]);
            }
            right = right.add(COLUMNS);
        }
        for (at, sums) in sums.iter().enumerate() {
            let to = to.add(at * step);
            L::store(to, sums[0]);
            L::store(to.add(L::WIDTH), sums[1]);
        }
    }
}
