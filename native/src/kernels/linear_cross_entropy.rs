//! Cross entropy of rows by a table of scores, and its slope by the rows, without ever holding the scores of more rows than are given. Each
//! row's scores are its products with the rows of the table (a language model's head, whose table has more rows than anything else in
//! the model):
//!
//!     logits[i][k] = cap(rows[i] . table[k])
//!     losses[i] = log sum_k exp(logits[i][k]) - (1 - smoothing) logits[i][target] - smoothing mean_k(logits[i][k])
//!     slopes[i] = sum_k d losses[i] / d logits[i][k] d logits[i][k] / d rows[i]
//!
//! The table is read twice, a block at a time, and each block is used for all rows while it is in the cache; logits lie between in the
//! order in which the second pass reads them. Parts of the table are parts of the work, as many as the extents say, and what they
//! add up is added in their order: threads change no bit.

mod scores;
mod slopes;
mod table;
#[cfg(test)]
mod tests;

use super::lanes::Lanes;
use super::scratch::{length_of_parts, parts};
use super::small_product::{Left, Right, Target, Terms, has_pairs, strip_of};
use crate::parallel::{Disjoint, Parallel, for_each_part};
use std::ops::Range;
pub use table::Table;

/// Rows whose logits lie side by side: whole panels of columns in the first pass.
const GROUP: usize = 32;
/// Rows of the table in a block: twenty tiles of twelve, an even number.
const BLOCK: usize = 240;
/// Parts of the table at most.
const PARTS: usize = 32;
/// Numbers that all parts together hold of the slopes, above which there are fewer parts: 64 MB, of which a head of 4096 columns makes sixteen parts.
const HELD: usize = 1 << 24;

/// Columns of a panel: two vectors, which lie side by side in memory as the products read them.
const fn panel<L: Lanes>() -> usize {
    2 * L::WIDTH
}

/// target (rows x a panel's columns) (+)= left^T right: left (inner x rows), with what it is from one word of the inner axis to the next, and
/// right (inner x a panel's columns).
#[inline(always)]
unsafe fn product_of_panel<L: Lanes, M: Terms<L>>(
    rows: usize,
    inner: usize,
    left: Left,
    right: *const f32,
    target: Target,
) {
    let right = Right {
        start: right,
        stride: panel::<L>(),
    };
    unsafe { strip_of::<L, M, 2, true>(rows, inner, left, right, target) }
}

/// What is computed.
pub struct Task<'a> {
    /// count x width
    pub rows: &'a [f32],
    pub width: usize,
    /// outputs x width
    pub table: Table<'a>,
    pub outputs: usize,
    /// One of each row, below `outputs`.
    pub targets: &'a [i64],
    /// Logits go through cap tanh(logit / cap).
    pub softcap: Option<f32>,
    /// Share of the target that is spread over all outputs.
    pub smoothing: f32,
    /// Whether factors are rounded to bfloat16 where the processor multiplies those, twice as fast.
    pub rounded: bool,
}

/// How a task is cut.
struct Extents {
    rows: usize,
    width: usize,
    /// Of a row: as many as it is wide, or half of that.
    words: usize,
    pairs: bool,
    outputs: usize,
    groups: usize,
    /// Of the table, rounded up to whole blocks.
    padded: usize,
    /// Of the width, rounded up to whole panels.
    columns: usize,
    parts: usize,
}

impl Extents {
    fn of(rows: usize, width: usize, outputs: usize, pairs: bool) -> Self {
        let groups = rows.div_ceil(GROUP);
        let blocks = outputs.div_ceil(BLOCK);
        let columns = width.next_multiple_of(GROUP);
        let held = groups * GROUP * columns;
        Self {
            rows,
            width,
            words: if pairs { width.div_ceil(2) } else { width },
            pairs,
            outputs,
            groups,
            padded: blocks * BLOCK,
            columns,
            parts: blocks.min(PARTS).min((HELD / held.max(1)).max(1)),
        }
    }

    /// Rows of the table that a part has: whole blocks, but for the last.
    fn lines(&self, part: usize) -> Range<usize> {
        let blocks = self.padded / BLOCK;
        let bound = |part: usize| self.outputs.min(blocks * part / self.parts * BLOCK);
        bound(part)..bound(part + 1)
    }

    /// Where the logits of a group by some rows of the table lie.
    fn logits(&self, group: usize, lines: &Range<usize>) -> Range<usize> {
        let start = group * self.padded;
        (start + lines.start) * GROUP..(start + lines.end) * GROUP
    }

    fn lengths(&self) -> [usize; 2] {
        [
            self.groups * self.padded * GROUP,
            self.parts * self.groups * GROUP * self.columns,
        ]
    }
}

/// Numbers of the workspace: logits, and what each part adds to the slopes.
pub fn workspace_length(rows: usize, width: usize, outputs: usize) -> usize {
    length_of_parts(&Extents::of(rows, width, outputs, false).lengths())
}

/// What a part has seen of the logits of one row.
#[derive(Clone, Copy)]
struct Seen {
    largest: f32,
    /// Of the exponentials of what the logits are below the largest.
    sum: f32,
    total: f32,
    target: f32,
}

/// `losses`: count; `slopes`: count x width; `workspace`: `workspace_length`, with whatever stands there.
///
/// # Panics
/// Where a slice is of another length, or a target no row of the table.
pub fn linear_cross_entropy(
    parallel: &dyn Parallel,
    task: &Task,
    workspace: &mut [f32],
    losses: &mut [f32],
    slopes: &mut [f32],
) {
    let count = task.targets.len();
    let extents = Extents::of(count, task.width, task.outputs, task.rounded && has_pairs());
    let Extents {
        groups,
        parts: count_of_parts,
        ..
    } = extents;
    assert!(task.rows.len() == count * task.width && slopes.len() == task.rows.len());
    assert!(task.table.len() == task.outputs * task.width && losses.len() == count);
    assert!(
        task.targets
            .iter()
            .all(|&target| (0..task.outputs as i64).contains(&target))
    );
    if count == 0 {
        return;
    }
    let [logits, added] = parts(workspace, extents.lengths());
    let rows = scores::panels(parallel, task, &extents);
    let none = Seen {
        largest: 0.0,
        sum: 0.0,
        total: 0.0,
        target: 0.0,
    };
    let mut seen = vec![none; count_of_parts * groups * GROUP];
    {
        let logits = Disjoint::new(logits);
        for_each_part(parallel, &mut seen, groups * GROUP, |part, seen| {
            scores::of_part(task, &extents, &rows, part, &logits, seen);
        });
    }
    drop(rows);
    let normalisers = losses_of(task, &extents, &seen, losses);
    {
        let logits = Disjoint::new(logits);
        for_each_part(
            parallel,
            added,
            groups * GROUP * extents.columns,
            |part, added| {
                slopes::of_part(task, &extents, &normalisers, part, &logits, added);
            },
        );
    }
    let added: &[f32] = added;
    for_each_part(parallel, slopes, task.width, |row, slope| {
        slopes::sum_of_parts(&extents, added, row, slope);
    });
}

/// The losses, and of each row the logarithm of its sum of exponentials.
fn losses_of(task: &Task, extents: &Extents, seen: &[Seen], losses: &mut [f32]) -> Vec<f32> {
    let step = extents.groups * GROUP;
    let of_parts = |row: usize| (0..extents.parts).map(move |part| &seen[part * step + row]);
    let mut normalisers = vec![0.0; step];
    for (row, (loss, &target)) in losses.iter_mut().zip(task.targets).enumerate() {
        let largest = of_parts(row)
            .map(|seen| seen.largest)
            .fold(f32::MIN, f32::max);
        let sum: f64 = of_parts(row)
            .map(|seen| f64::from(seen.sum) * (f64::from(seen.largest) - f64::from(largest)).exp())
            .sum();
        let total: f64 = of_parts(row).map(|seen| f64::from(seen.total)).sum();
        let part =
            (0..extents.parts).find(|&part| extents.lines(part).contains(&(target as usize)));
        let of_target = part.map_or(f64::NAN, |part| f64::from(seen[part * step + row].target));
        let normaliser = f64::from(largest) + sum.ln();
        let smoothing = f64::from(task.smoothing);
        let spread = if smoothing == 0.0 {
            0.0
        } else {
            smoothing * total / task.outputs as f64
        };
        *loss = (normaliser - (1.0 - smoothing) * of_target - spread) as f32;
        normalisers[row] = normaliser as f32;
    }
    normalisers
}
