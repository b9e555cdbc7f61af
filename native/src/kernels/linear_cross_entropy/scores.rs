//! The first pass: logits by a part of the table, and what its share of each row's normaliser is.

use super::table::{Table, turned};
use super::{BLOCK, Extents, GROUP, Seen, Task, panel, product_of_panel};
use crate::kernels::lanes::{Lanes, power_of_two, tanh};
use crate::kernels::scratch::Scratch;
use crate::kernels::small_product::{Left, Target, Terms};
use crate::parallel::{Disjoint, Parallel, for_each_part};
use crate::with_terms;
use std::f32::consts::LOG2_E;
use std::ops::Range;

/// Rows of the table whose places are turned at a time: two strips of products.
const fn height<L: Lanes>() -> usize {
    2 * L::ROWS
}
/// Words of the width at a time: a tile then stays in the innermost cache.
const INNER: usize = 512;
/// Sums of exponentials that are added up side by side: as many fewer roundings in each.
const STRANDS: usize = 4;

/// The rows of the task, group by group: [group][panel][word of the width][row of the panel], zeros where a group is not full.
pub fn panels(parallel: &dyn Parallel, task: &Task, extents: &Extents) -> Scratch {
    let Extents {
        rows,
        width,
        words,
        groups,
        pairs,
        ..
    } = *extents;
    let mut panels = Scratch::take(groups * words * GROUP);
    for_each_part(parallel, &mut panels, words * GROUP, |group, to| {
        let own = group * GROUP..rows.min((group + 1) * GROUP);
        if own.len() < GROUP {
            to.fill(0.0);
        }
        let table = Table::Single(task.rows);
        with_terms!(pairs, turned_panels(table: Table, width: usize, own: Range<usize>, to: &mut [f32]));
    });
    panels
}

/// Whole rows of a group, panel by panel.
#[inline(always)]
unsafe fn turned_panels<L: Lanes, M: Terms<L>>(
    table: Table,
    width: usize,
    rows: Range<usize>,
    to: &mut [f32],
) {
    let words = width.div_ceil(M::PER_WORD);
    let step = panel::<L>();
    for (start, to) in rows
        .clone()
        .step_by(step)
        .zip(to.chunks_exact_mut(words * step))
    {
        let own = start..rows.end.min(start + step);
        unsafe { turned::<L, M>(table, width, own, 0..words, step, to) };
    }
}

struct Work<'a> {
    task: &'a Task<'a>,
    extents: &'a Extents,
    panels: &'a [f32],
    lines: Range<usize>,
    logits: &'a Disjoint<'a, f32>,
}

pub fn of_part(
    task: &Task,
    extents: &Extents,
    panels: &[f32],
    part: usize,
    logits: &Disjoint<f32>,
    seen: &mut [Seen],
) {
    let lines = extents.lines(part);
    let work = &Work {
        task,
        extents,
        panels,
        lines,
        logits,
    };
    with_terms!(extents.pairs, all_blocks(work: &Work, seen: &mut [Seen]));
}

#[inline(always)]
unsafe fn all_blocks<L: Lanes, M: Terms<L>>(work: &Work, seen: &mut [Seen]) {
    let Work {
        task,
        extents,
        lines,
        logits,
        ..
    } = work;
    let mut packed = Scratch::take(height::<L>() * INNER);
    for row in seen.iter_mut() {
        *row = Seen {
            largest: f32::MIN,
            sum: 0.0,
            total: 0.0,
            target: f32::NAN,
        };
    }
    for start in lines.clone().step_by(BLOCK) {
        let block = start..lines.end.min(start + BLOCK);
        unsafe { products_of_block::<L, M>(work, &block, &mut packed) };
        for (group, seen) in seen.chunks_exact_mut(GROUP).enumerate() {
            // SAFETY: no other part has these lines.
            let logits = unsafe { logits.slice(extents.logits(group, &block)) };
            if let Some(cap) = task.softcap {
                unsafe { capped::<L>(cap, logits) };
            }
            unsafe { see::<L>(logits, seen) };
            let targets = task.targets.iter().skip(group * GROUP);
            for (row, (seen, &target)) in seen.iter_mut().zip(targets).enumerate() {
                if block.contains(&(target as usize)) {
                    seen.target = logits[(target as usize - block.start) * GROUP + row];
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn products_of_block<L: Lanes, M: Terms<L>>(
    work: &Work,
    block: &Range<usize>,
    packed: &mut [f32],
) {
    let Work {
        task,
        extents,
        panels,
        logits,
        ..
    } = work;
    let (width, words) = (extents.width, extents.words);
    let blocks = words.div_ceil(INNER).max(1);
    let height = height::<L>();
    for inner in 0..blocks {
        let part = words * inner / blocks..words * (inner + 1) / blocks;
        let places = part.start * M::PER_WORD..width.min(part.end * M::PER_WORD);
        for start in block.clone().step_by(height) {
            let tile = start..block.end.min(start + height);
            unsafe {
                turned::<L, M>(
                    task.table,
                    width,
                    tile.clone(),
                    part.clone(),
                    height,
                    packed,
                );
            }
            let mut coming = tile.end..extents.outputs.min(tile.end + height);
            let each = coming.len().div_ceil(extents.groups);
            for group in 0..extents.groups {
                for line in coming.by_ref().take(each) {
                    task.table.prefetch(width, line, &places);
                }
                // SAFETY: no other part has these lines.
                let to = unsafe { logits.slice(extents.logits(group, &tile)) };
                let left = Left {
                    start: packed.as_ptr(),
                    stride: height,
                };
                for column in (0..GROUP).step_by(panel::<L>()) {
                    let start = (group * GROUP + column) * words + part.start * panel::<L>();
                    let right = &panels[start..][..part.len() * panel::<L>()];
                    let target = Target {
                        start: to[column..].as_mut_ptr(),
                        stride: GROUP,
                        added: inner > 0,
                        columns: panel::<L>(),
                    };
                    let (rows, words) = (tile.len(), part.len());
                    unsafe {
                        product_of_panel::<L, M>(rows, words, left, right.as_ptr(), target);
                    }
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn capped<L: Lanes>(cap: f32, logits: &mut [f32]) {
    for chunk in logits.chunks_exact_mut(L::WIDTH) {
        unsafe {
            let bent = tanh::<L>(L::mul(L::load(chunk.as_ptr()), L::splat(1.0 / cap)));
            L::store(chunk.as_mut_ptr(), L::mul(bent, L::splat(cap)));
        }
    }
}

/// Logits of a block, [line][row of the group], into what was seen of each row.
#[inline(always)]
unsafe fn see<L: Lanes>(logits: &[f32], seen: &mut [Seen]) {
    unsafe {
        for column in (0..GROUP).step_by(L::WIDTH) {
            let at = |line: &[f32]| L::load(line.as_ptr().add(column));
            let mut largest = L::splat(f32::MIN);
            let mut total = L::splat(0.0);
            for line in logits.chunks_exact(GROUP) {
                let value = at(line);
                largest = L::max(value, largest);
                total = L::add(total, value);
            }
            let mut sums = [L::splat(0.0); STRANDS];
            for lines in logits.chunks(STRANDS * GROUP) {
                for (sum, line) in sums.iter_mut().zip(lines.chunks_exact(GROUP)) {
                    let below = L::sub(at(line), largest);
                    *sum = L::add(*sum, power_of_two::<L>(L::mul(below, L::splat(LOG2_E))));
                }
            }
            let sum = L::add(L::add(sums[0], sums[1]), L::add(sums[2], sums[3]));
            let [mut largests, mut sums, mut totals] = [[0f32; GROUP]; 3];
            L::store(largests.as_mut_ptr(), largest);
            L::store(sums.as_mut_ptr(), sum);
            L::store(totals.as_mut_ptr(), total);
            for (lane, seen) in seen[column..column + L::WIDTH].iter_mut().enumerate() {
                let larger = seen.largest.max(largests[lane]);
                seen.sum = seen.sum * (seen.largest - larger).exp()
                    + sums[lane] * (largests[lane] - larger).exp();
                seen.largest = larger;
                seen.total += totals[lane];
            }
        }
    }
}
