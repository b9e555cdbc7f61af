//! Queries along the lanes of vectors: a strip has two vectors of them, the last one of a head as few as hold what is left.

use std::ops::Range;

use super::masks::{MaskKind, Masks};
use super::{Attended, KEY_TILE, MASKED};
use crate::kernels::lanes::{Kind, Lanes, kind, power_of_two, tanh};

/// Some queries of a head and the lanes that they take.
#[derive(Clone, Debug)]
pub struct Strip {
    pub queries: Range<usize>,
    pub lanes: usize,
}

/// Queries of a whole strip.
pub fn strip_length() -> usize {
    if kind() == Kind::Avx512 { 32 } else { 16 }
}

pub fn strips(queries: usize) -> Vec<Strip> {
    let length = strip_length();
    (0..queries.div_ceil(length))
        .map(|at| {
            let queries = at * length..queries.min((at + 1) * length);
            let lanes = match queries.len() {
                0..=8 => 8,
                count if count <= length / 2 => length / 2,
                _ => length,
            };
            Strip { queries, lanes }
        })
        .collect()
}

/// Calls `$run::<L, N>` with the vectors that a strip of so many lanes is made of.
macro_rules! by_lanes {
    ($lanes:expr, $run:ident::<$L:ident>($($argument:expr),* $(,)?)) => {
        match $lanes {
            lanes if lanes == 2 * $L::WIDTH => $run::<$L, 2>($($argument),*),
            lanes if lanes == $L::WIDTH => $run::<$L, 1>($($argument),*),
            _ => $run::<$L::Eight, 1>($($argument),*),
        }
    };
}
pub(super) use by_lanes;

/// from (rows x columns) -> to (columns x lanes) times a factor, with zeros in lanes that have no row.
#[inline(always)]
pub unsafe fn turn<L: Lanes>(
    from: *const f32,
    (rows, columns, from_stride): (usize, usize, usize),
    to: *mut f32,
    (lanes, to_stride): (usize, usize),
    factor: f32,
) {
    unsafe {
        for row in (0..lanes).step_by(8) {
            for column in (0..columns).step_by(8) {
                let source = from.wrapping_add(row * from_stride + column);
                let target = to.wrapping_add(column * to_stride + row);
                let (some_rows, some_columns) =
                    (rows.saturating_sub(row).min(8), (columns - column).min(8));
                if some_rows == 8 && some_columns == 8 {
                    L::transpose_eight(source, from_stride, target, to_stride);
                    continue;
                }
                for j in 0..some_columns {
                    for i in 0..8 {
                        *target.add(j * to_stride + i) = if i < some_rows {
                            *source.add(i * from_stride + j)
                        } else {
                            0.0
                        };
                    }
                }
            }
        }
        if factor == 1.0 {
            return;
        }
        type Eight<L> = <L as Lanes>::Eight;
        let factors = Eight::<L>::splat(factor);
        for column in 0..columns {
            for lane in (0..lanes).step_by(8) {
                let at = to.add(column * to_stride + lane);
                Eight::<L>::store(at, Eight::<L>::mul(Eight::<L>::load(at), factors));
            }
        }
    }
}

/// from (columns x lanes) -> to (rows x columns) times a factor.
#[inline(always)]
pub unsafe fn turn_back<L: Lanes>(
    from: *const f32,
    lanes: usize,
    to: *mut f32,
    (rows, columns): (usize, usize),
    factor: f32,
) {
    unsafe {
        for row in (0..rows).step_by(8) {
            for column in (0..columns).step_by(8) {
                let source = from.wrapping_add(column * lanes + row);
                let target = to.wrapping_add(row * columns + column);
                let (some_rows, some_columns) = ((rows - row).min(8), (columns - column).min(8));
                if some_rows == 8 && some_columns == 8 {
                    L::transpose_eight(source, lanes, target, columns);
                    continue;
                }
                for i in 0..some_rows {
                    for j in 0..some_columns {
                        *target.add(i * columns + j) = *source.add(j * lanes + i);
                    }
                }
            }
        }
        if factor != 1.0 {
            for at in 0..rows * columns {
                *to.add(at) *= factor;
            }
        }
    }
}

/// Scores of some keys (rows) for a strip of queries.
#[derive(Clone, Copy)]
pub struct Scores {
    pub start: *mut f32,
    pub stride: usize,
    pub keys: usize,
}

/// What the bias adds to the scores of a tile, turned, in powers of two. Minus infinity becomes a number, so that differences stay numbers.
/// `to` has room for KEY_TILE rows of the strip's lanes.
#[inline(always)]
pub unsafe fn turn_bias<L: Lanes>(
    attended: &Attended,
    batch: usize,
    strip: &Strip,
    keys: Range<usize>,
    to: *mut f32,
) {
    type Eight<L> = <L as Lanes>::Eight;
    let Some(bias) = attended.bias else {
        return;
    };
    let shape = &attended.shape;
    let first = (batch * shape.queries + strip.queries.start) * shape.keys + keys.start;
    unsafe {
        turn::<L>(
            bias.as_ptr().add(first),
            (strip.queries.len(), keys.len(), shape.keys),
            to,
            (strip.lanes, strip.lanes),
            std::f32::consts::LOG2_E,
        );
        let lowest = Eight::<L>::splat(-1e37);
        for lane in (0..keys.len() * strip.lanes).step_by(8) {
            let value = Eight::<L>::max(lowest, Eight::<L>::load(to.add(lane)));
            Eight::<L>::store(to.add(lane), value);
        }
    }
}

/// Caps scores and adds their bias; the largest of each query goes into `largest`. With `slopes`, what the cap multiplies gradients by.
#[inline(always)]
pub unsafe fn finish_scores<L: Lanes, const N: usize>(
    scores: Scores,
    softcap: Option<f32>,
    bias: Option<*const f32>,
    slopes: Option<*mut f32>,
    largest: *mut f32,
) {
    unsafe {
        for vector in 0..N {
            let lane = vector * L::WIDTH;
            let mut most = L::load(largest.add(lane));
            for key in 0..scores.keys {
                let at = scores.start.add(key * scores.stride + lane);
                let mut score = L::load(at);
                if let Some(cap) = softcap {
                    let bounded = tanh::<L>(score);
                    if let Some(slopes) = slopes {
                        let slope = L::sub(L::splat(1.0), L::mul(bounded, bounded));
                        L::store(slopes.add(key * scores.stride + lane), slope);
                    }
                    score = L::mul(bounded, L::splat(cap * std::f32::consts::LOG2_E));
                }
                if let Some(bias) = bias {
                    score = L::add(score, L::load(bias.add(key * N * L::WIDTH + lane)));
                }
                if softcap.is_some() || bias.is_some() {
                    L::store(at, score);
                }
                most = L::max(most, score);
            }
            L::store(largest.add(lane), most);
        }
    }
}

/// Scores become their powers over the largest, in place; their sums are added to `sums`.
#[inline(always)]
pub unsafe fn powers<L: Lanes, const N: usize>(
    scores: Scores,
    largest: *const f32,
    sums: *mut f32,
) {
    unsafe {
        let (mut most, mut sum) = ([L::splat(0.0); N], [L::splat(0.0); N]);
        for vector in 0..N {
            most[vector] = L::load(largest.add(vector * L::WIDTH));
            sum[vector] = L::load(sums.add(vector * L::WIDTH));
        }
        for key in 0..scores.keys {
            for vector in 0..N {
                let at = scores.start.add(key * scores.stride + vector * L::WIDTH);
                let power = power_of_two::<L>(L::sub(L::load(at), most[vector]));
                L::store(at, power);
                sum[vector] = L::add(sum[vector], power);
            }
        }
        for vector in 0..N {
            L::store(sums.add(vector * L::WIDTH), sum[vector]);
        }
    }
}

/// Whether a query of the strip has seen no key that is not masked.
pub fn sees_nothing(strip: &Strip, largest: &[f32]) -> bool {
    largest[..strip.queries.len()]
        .iter()
        .any(|&most| most < MASKED)
}

/// The keys of a tile that a strip may see.
pub fn keys_of(attended: &Attended, strip: &Strip, tile: usize) -> Range<usize> {
    let start = tile * KEY_TILE;
    let limit = attended.limit(strip.queries.end - 1);
    start.min(limit)..limit.min(start + KEY_TILE)
}

/// Whether a tile is gone through at first: not where all of it is masked.
pub fn is_seen(masks: &Masks, batch: usize, strip: usize, tile: usize) -> bool {
    masks.kind(batch, strip, tile) != MaskKind::Whole
}
