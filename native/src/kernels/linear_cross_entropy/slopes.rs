//! The second pass: what a part of the table adds to the slopes.

use super::table::{paired, straight};
use super::{BLOCK, Extents, GROUP, Task, panel, product_of_panel};
use crate::kernels::lanes::{Lanes, power_of_two};
use crate::kernels::scratch::Scratch;
use crate::kernels::small_product::{Left, Target, Terms};
use crate::parallel::Disjoint;
use crate::with_terms;
use std::f32::consts::LOG2_E;
use std::ops::Range;

struct Work<'a> {
    task: &'a Task<'a>,
    extents: &'a Extents,
    /// Of each row the logarithm of its sum of exponentials.
    normalisers: &'a [f32],
    lines: Range<usize>,
    logits: &'a Disjoint<'a, f32>,
}

/// `added`: rows (whole groups) x columns (whole panels)
pub fn of_part(
    task: &Task,
    extents: &Extents,
    normalisers: &[f32],
    part: usize,
    logits: &Disjoint<f32>,
    added: &mut [f32],
) {
    let lines = extents.lines(part);
    let work = &Work {
        task,
        extents,
        normalisers,
        lines,
        logits,
    };
    with_terms!(extents.pairs, all_blocks(work: &Work, added: &mut [f32]));
}

#[inline(always)]
unsafe fn all_blocks<L: Lanes, M: Terms<L>>(work: &Work, added: &mut [f32]) {
    let Work {
        task,
        extents,
        normalisers,
        lines,
        logits,
    } = work;
    let mut packed = Scratch::take(BLOCK * panel::<L>());
    for start in lines.clone().step_by(BLOCK) {
        let block = start..lines.end.min(start + BLOCK);
        for (group, normalisers) in normalisers.chunks_exact(GROUP).enumerate() {
            // SAFETY: no other part has these lines.
            let logits = unsafe { logits.slice(extents.logits(group, &block)) };
            unsafe { slopes_by_logits::<L>(task, group, normalisers, &block, logits) };
            if M::PER_WORD == 2 {
                paired(logits);
            }
        }
        unsafe { products_of_block::<L, M>(work, &block, start > lines.start, &mut packed, added) };
    }
}

/// Logits to the slopes by what was multiplied, before it was capped.
#[inline(always)]
unsafe fn slopes_by_logits<L: Lanes>(
    task: &Task,
    group: usize,
    normalisers: &[f32],
    block: &Range<usize>,
    logits: &mut [f32],
) {
    let spread = task.smoothing / task.outputs as f32;
    let of_cap = |logit: f32| {
        task.softcap
            .map_or(1.0, |cap| 1.0 - (logit / cap) * (logit / cap))
    };
    let targets = task
        .targets
        .iter()
        .skip(group * GROUP)
        .take(GROUP)
        .enumerate();
    let hits: Vec<(usize, f32)> = targets
        .filter(|(_, target)| block.contains(&(**target as usize)))
        .map(|(row, &target)| {
            let place = (target as usize - block.start) * GROUP + row;
            (place, (1.0 - task.smoothing) * of_cap(logits[place]))
        })
        .collect();
    unsafe {
        let (one, log) = (L::splat(1.0), L::splat(LOG2_E));
        for line in logits.chunks_exact_mut(GROUP) {
            for column in (0..GROUP).step_by(L::WIDTH) {
                let place = line.as_mut_ptr().add(column);
                let logit = L::load(place);
                let normaliser = L::load(normalisers.as_ptr().add(column));
                let probability = power_of_two::<L>(L::mul(L::sub(logit, normaliser), log));
                let mut slope = L::sub(probability, L::splat(spread));
                if let Some(cap) = task.softcap {
                    let bent = L::mul(logit, L::splat(1.0 / cap));
                    slope = L::mul(slope, L::sub(one, L::mul(bent, bent)));
                }
                L::store(place, slope);
            }
        }
    }
    for (place, share) in hits {
        logits[place] -= share;
    }
}

#[inline(always)]
unsafe fn products_of_block<L: Lanes, M: Terms<L>>(
    work: &Work,
    block: &Range<usize>,
    adds: bool,
    packed: &mut [f32],
    added: &mut [f32],
) {
    let Work {
        task,
        extents,
        logits,
        ..
    } = work;
    let Extents {
        width,
        columns,
        groups,
        ..
    } = **extents;
    let step = panel::<L>();
    for start in (0..width).step_by(step) {
        let places = start..width.min(start + step);
        straight::<L, M>(task.table, width, block.clone(), places.clone(), packed);
        let (mut coming, next) = if places.end < width {
            (block.clone(), places.end..width.min(places.end + step))
        } else {
            (
                block.end..work.lines.end.min(block.end + BLOCK),
                0..width.min(step),
            )
        };
        let each = coming.len().div_ceil(groups);
        for (group, added) in added.chunks_exact_mut(GROUP * columns).enumerate() {
            for line in coming.by_ref().take(each) {
                task.table.prefetch(width, line, &next);
            }
            let rows = GROUP.min(extents.rows - group * GROUP);
            // SAFETY: no other part has these lines.
            let slopes = unsafe { logits.slice(extents.logits(group, block)) };
            let target = Target {
                start: added[start..].as_mut_ptr(),
                stride: columns,
                added: adds,
                columns: step,
            };
            let left = Left {
                start: slopes.as_ptr(),
                stride: GROUP,
            };
            let inner = block.len().div_ceil(M::PER_WORD);
            unsafe { product_of_panel::<L, M>(rows, inner, left, packed.as_ptr(), target) };
        }
    }
}

/// A row's slope: what the parts add to it, in their order.
pub fn sum_of_parts(extents: &Extents, added: &[f32], row: usize, slope: &mut [f32]) {
    let step = extents.groups * GROUP * extents.columns;
    for part in 0..extents.parts {
        let from = &added[part * step + row * extents.columns..][..extents.width];
        if part == 0 {
            slope.copy_from_slice(from);
            continue;
        }
        for (sum, value) in slope.iter_mut().zip(from) {
            *sum += value;
        }
    }
}
