use std::ops::Range;

use super::masks::{MaskKind, Masks};
use super::strips::{
    Scores, Strip, by_lanes, finish_scores, is_seen, keys_of, powers, sees_nothing, strip_length,
    strips, turn, turn_back, turn_bias,
};
use super::{Attended, KEY_TILE};
use crate::kernels::lanes::Lanes;
use crate::kernels::scratch::{Scratch, length_of_parts, parts};
use crate::kernels::small_product::{Left, Right, Target, product, strip as product_of_strip};
use crate::parallel::{Disjoint, Parallel, for_each_part};
use crate::with_lanes;

/// Queries that go through the keys together at most.
const BLOCK: usize = 128;
/// Probabilities of a block are kept: this many numbers at most where more than a strip, half of a usual second-level cache.
const KEPT: usize = 1 << 17;
/// Parts that there should be at least, for threads to share; what more than one part adds to a key's gradient is summed up afterwards.
const PARTS: usize = 16;

/// By q, k and v, each of its shape.
pub struct Gradients<'a> {
    pub by_q: &'a mut [f32],
    pub by_k: &'a mut [f32],
    pub by_v: &'a mut [f32],
}

/// Those of softmax(scale q k^T + bias) v. With P the probabilities, computed again, and O the output: dV = P^T dO,
/// dS = P (dO V^T - D), dQ = scale dS K, dK = scale dS^T Q, where D are rowsum(dO O), or rowsum(P dO V^T) without the output.
pub fn attention_gradient(
    attended: &Attended,
    output: Option<&[f32]>,
    gradient: &[f32],
    into: Gradients,
    parallel: &dyn Parallel,
) {
    attended.check();
    let shape = attended.shape;
    assert_eq!(gradient.len(), shape.of_queries(), "the gradient");
    assert_eq!(into.by_q.len(), shape.of_queries(), "the gradient by q");
    assert_eq!(into.by_k.len(), shape.of_keys(), "the gradient by k");
    assert_eq!(into.by_v.len(), shape.of_keys(), "the gradient by v");
    if let Some(output) = output {
        assert_eq!(output.len(), shape.of_queries(), "the output");
    }
    if into.by_k.is_empty() || into.by_q.is_empty() {
        into.by_q.fill(0.0);
        into.by_k.fill(0.0);
        into.by_v.fill(0.0);
        return;
    }
    let strips = strips(shape.queries);
    let masks = Masks::of(attended, &strips, parallel);
    let plan = Plan::of(attended, &strips);
    let (key_heads, length) = (
        shape.batch * shape.key_value_heads,
        shape.keys * shape.width,
    );
    let mut others = Scratch::take(2 * (plan.parts - 1) * key_heads * length);
    {
        let by_q = Disjoint::new(into.by_q);
        let (by_k, by_v) = (
            Disjoint::new(&mut *into.by_k),
            Disjoint::new(&mut *into.by_v),
        );
        let others = Disjoint::new(&mut others);
        parallel.for_each(key_heads * plan.parts, &|at| {
            let (key_head, part) = (at / plan.parts, at % plan.parts);
            // SAFETY: every part of a head has gradients of its own: the first that of the head, the others what is added to it.
            let (by_k, by_v) = unsafe {
                let start = key_head * length;
                match part {
                    0 => (
                        by_k.slice(start..start + length),
                        by_v.slice(start..start + length),
                    ),
                    _ => {
                        let start = 2 * (key_head * (plan.parts - 1) + part - 1) * length;
                        let end = start + 2 * length;
                        others.slice(start..end).split_at_mut(length)
                    }
                }
            };
            by_k.fill(0.0);
            by_v.fill(0.0);
            for (head, block) in plan.blocks_of(part) {
                let group = shape.heads / shape.key_value_heads;
                let batch = key_head / shape.key_value_heads;
                let head = key_head % shape.key_value_heads * group + head;
                let queries = strips[block.start].queries.start..strips[block.end - 1].queries.end;
                let start =
                    ((batch * shape.heads + head) * shape.queries + queries.start) * shape.width;
                // SAFETY: every head and block has rows of its own.
                let by_q = unsafe {
                    by_q.slice(start..start + queries.len() * shape.width)
                        .as_mut_ptr()
                };
                let block = Block {
                    attended,
                    masks: &masks,
                    output,
                    gradient,
                    place: (batch, head),
                    first: block.start,
                    strips: &strips[block],
                };
                let (block, into) = (&block, [by_q, by_k.as_mut_ptr(), by_v.as_mut_ptr()]);
                let lengths = lengths(block);
                let mut scratch = Scratch::take(length_of_parts(&lengths));
                let work = &mut Work::new(block, parts(&mut scratch, lengths));
                with_lanes!(differentiate(work: &mut Work, into: [*mut f32; 3]));
            }
        });
    }
    if plan.parts > 1 {
        for (which, target) in [into.by_k, into.by_v].into_iter().enumerate() {
            for_each_part(parallel, target, length, |key_head, target| {
                for part in 0..plan.parts - 1 {
                    let start = (2 * (key_head * (plan.parts - 1) + part) + which) * length;
                    for (sum, value) in target.iter_mut().zip(&others[start..start + length]) {
                        *sum += value;
                    }
                }
            });
        }
    }
}

/// How queries are cut, which depends on the shape alone, so that sums do.
struct Plan {
    strips: usize,
    strips_of_block: usize,
    blocks: usize,
    /// All blocks of the heads that share keys and values.
    all: usize,
    parts: usize,
}

impl Plan {
    fn of(attended: &Attended, strips: &[Strip]) -> Self {
        let shape = &attended.shape;
        let kept = KEPT / (shape.keys * strip_length());
        let strips_of_block = kept.clamp(1, BLOCK / strip_length());
        let blocks = strips.len().div_ceil(strips_of_block);
        let all = blocks * (shape.heads / shape.key_value_heads);
        let parts = PARTS.div_ceil(shape.batch * shape.key_value_heads).min(all);
        Self {
            strips: strips.len(),
            strips_of_block,
            blocks,
            all,
            parts,
        }
    }

    /// The blocks of a part: heads of the group and strips of it.
    fn blocks_of(&self, part: usize) -> impl Iterator<Item = (usize, Range<usize>)> {
        let range = self.all * part / self.parts..self.all * (part + 1) / self.parts;
        range.map(|at| {
            let start = at % self.blocks * self.strips_of_block;
            (
                at / self.blocks,
                start..self.strips.min(start + self.strips_of_block),
            )
        })
    }
}

struct Block<'a> {
    attended: &'a Attended<'a>,
    masks: &'a Masks,
    output: Option<&'a [f32]>,
    gradient: &'a [f32],
    /// Batch and head of queries.
    place: (usize, usize),
    /// The number of the first strip among those of its head.
    first: usize,
    strips: &'a [Strip],
}

/// Numbers of a cache line between rows of tiles, so that rows do not all fall into the same sets of the cache.
const GAP: usize = 16;

/// Numbers from one key of a tile to the next.
fn stride_of(block: &Block) -> usize {
    block.strips.len() * strip_length() + GAP
}

fn lengths(block: &Block) -> [usize; 10] {
    let shape = &block.attended.shape;
    let lanes = block.strips.len() * strip_length();
    let stride = stride_of(block);
    let kept = shape.keys * stride;
    let where_needed = |needed: bool| if needed { kept } else { 0 };
    [
        3 * lanes * shape.width,
        2 * lanes * shape.width.next_multiple_of(8),
        kept,
        where_needed(block.attended.softcap.is_some()),
        where_needed(block.output.is_none()),
        KEY_TILE * stride,
        KEY_TILE * strip_length(),
        lanes,
        lanes,
        lanes,
    ]
}

/// A block and what it works with. Strips have `lanes` of which the last may leave some unused, with zeros that add nothing.
struct Work<'a> {
    block: &'a Block<'a>,
    width: usize,
    /// Of rows, a multiple of eight.
    padded: usize,
    lanes: usize,
    stride: usize,
    tiles: usize,
    keys: *const f32,
    values: *const f32,
    /// Each strip's width x lanes: queries in powers of two, the gradient over the sums, the gradient by q.
    turned_q: *mut f32,
    turned_gradient: *mut f32,
    turned_by_q: *mut f32,
    /// lanes x padded: queries times the scale, the gradient over the sums.
    rows_of_q: *mut f32,
    rows_of_gradient: *mut f32,
    /// keys x stride: scores, then their powers over the largest.
    weights: *mut f32,
    slopes: *mut f32,
    /// keys x stride: the gradient by the weights, where it is needed twice.
    outward: *mut f32,
    /// KEY_TILE x stride
    by_scores: *mut f32,
    bias: *mut f32,
    /// Of each query.
    largest: *mut f32,
    shares: *mut f32,
    centres: *mut f32,
    /// Of each tile and strip, whether it was gone through.
    seen: Vec<bool>,
}

impl<'a> Work<'a> {
    fn new(block: &'a Block<'a>, parts: [&mut [f32]; 10]) -> Self {
        let attended = block.attended;
        let shape = &attended.shape;
        let (batch, head) = block.place;
        let key_value_head = head / (shape.heads / shape.key_value_heads);
        let tiles = shape.keys.div_ceil(KEY_TILE);
        let [
            turned,
            rows,
            weights,
            slopes,
            outward,
            by_scores,
            bias,
            largest,
            shares,
            centres,
        ] = parts;
        largest.fill(f32::MIN);
        shares.fill(0.0);
        centres.fill(0.0);
        let (turned_q, others) = turned.split_at_mut(turned.len() / 3);
        let (turned_gradient, turned_by_q) = others.split_at_mut(turned_q.len());
        turned_by_q.fill(0.0);
        let (rows_of_q, rows_of_gradient) = rows.split_at_mut(rows.len() / 2);
        Self {
            block,
            width: shape.width,
            padded: shape.width.next_multiple_of(8),
            lanes: strip_length(),
            stride: stride_of(block),
            tiles,
            keys: attended.of_head(attended.k, batch, key_value_head).as_ptr(),
            values: attended.of_head(attended.v, batch, key_value_head).as_ptr(),
            turned_q: turned_q.as_mut_ptr(),
            turned_gradient: turned_gradient.as_mut_ptr(),
            turned_by_q: turned_by_q.as_mut_ptr(),
            rows_of_q: rows_of_q.as_mut_ptr(),
            rows_of_gradient: rows_of_gradient.as_mut_ptr(),
            weights: weights.as_mut_ptr(),
            slopes: slopes.as_mut_ptr(),
            outward: outward.as_mut_ptr(),
            by_scores: by_scores.as_mut_ptr(),
            bias: bias.as_mut_ptr(),
            largest: largest.as_mut_ptr(),
            shares: shares.as_mut_ptr(),
            centres: centres.as_mut_ptr(),
            seen: vec![false; tiles * block.strips.len()],
        }
    }

    /// A strip's number of lanes in all strips before it.
    fn lane(&self, at: usize) -> usize {
        at * self.lanes
    }

    fn was_seen(&self, at: usize, tile: usize) -> bool {
        self.seen[tile * self.block.strips.len() + at]
    }

    /// A strip's scores of a tile in what has all keys.
    fn of_all(&self, start: *mut f32, at: usize, tile: usize) -> Scores {
        let range = keys_of(self.block.attended, &self.block.strips[at], tile);
        let place = tile * KEY_TILE * self.stride + self.lane(at);
        Scores {
            start: start.wrapping_add(place),
            stride: self.stride,
            keys: range.len(),
        }
    }

    /// And in what has one tile.
    fn of_tile(&self, start: *mut f32, at: usize, tile: usize) -> Scores {
        let start = start.wrapping_add(self.lane(at));
        Scores {
            start,
            ..self.of_all(start, at, tile)
        }
    }
}

#[inline(always)]
unsafe fn differentiate<L: Lanes>(work: &mut Work, [by_q, by_k, by_v]: [*mut f32; 3]) {
    unsafe {
        turn_queries::<L>(work);
        score_all::<L>(work);
        weigh_all::<L>(work);
        centre_all::<L>(work);
        for tile in 0..work.tiles {
            differentiate_tile::<L>(work, tile, [by_k, by_v]);
        }
        let first = work.block.strips[0].queries.start;
        for (at, strip) in work.block.strips.iter().enumerate() {
            turn_back::<L>(
                work.turned_by_q.add(work.lane(at) * work.width),
                strip.lanes,
                by_q.add((strip.queries.start - first) * work.width),
                (strip.queries.len(), work.width),
                work.block.attended.scale,
            );
        }
    }
}

#[inline(always)]
unsafe fn turn_queries<L: Lanes>(work: &Work) {
    let attended = work.block.attended;
    for (at, strip) in work.block.strips.iter().enumerate() {
        let q = attended.rows(attended.q, work.block.place, &strip.queries);
        unsafe {
            turn::<L>(
                q.as_ptr(),
                (strip.queries.len(), work.width, work.width),
                work.turned_q.add(work.lane(at) * work.width),
                (strip.lanes, strip.lanes),
                attended.factor(),
            );
            let rows = work.rows_of_q.add(work.lane(at) * work.padded);
            copy_rows(
                q,
                rows,
                (work.lanes, work.width),
                Factors::One(attended.scale),
            );
        }
    }
}

/// First what is seen; what masks leave out is gone through where a query has seen nothing.
#[inline(always)]
unsafe fn score_all<L: Lanes>(work: &mut Work) {
    let block = work.block;
    for is_rest in [false, true] {
        for tile in 0..work.tiles {
            for (at, strip) in block.strips.iter().enumerate() {
                let is_seen = is_seen(block.masks, block.place.0, block.first + at, tile);
                let wanted = if is_rest {
                    let most = unsafe {
                        std::slice::from_raw_parts(work.largest.add(work.lane(at)), work.lanes)
                    };
                    !is_seen && sees_nothing(strip, most)
                } else {
                    is_seen
                };
                if wanted && !keys_of(block.attended, strip, tile).is_empty() {
                    work.seen[tile * block.strips.len() + at] = true;
                    unsafe { score::<L>(work, at, tile) };
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn score<L: Lanes>(work: &Work, at: usize, tile: usize) {
    let block = work.block;
    let (strip, batch) = (&block.strips[at], block.place.0);
    let range = keys_of(block.attended, strip, tile);
    let is_biased = block.masks.kind(batch, block.first + at, tile) != MaskKind::None;
    unsafe {
        if is_biased {
            turn_bias::<L>(block.attended, batch, strip, range.clone(), work.bias);
        }
        let softcap = block.attended.softcap;
        by_lanes!(
            strip.lanes,
            scores_of::<L>(
                work.of_all(work.weights, at, tile),
                work.keys.add(range.start * work.width),
                (work.turned_q.add(work.lane(at) * work.width), work.width),
                (
                    softcap,
                    softcap.map(|_| work.of_all(work.slopes, at, tile).start)
                ),
                is_biased.then_some(work.bias.cast_const()),
                work.largest.add(work.lane(at))
            )
        );
    }
}

/// Scores become powers over the largest. What they would be divided by, their sums, divides the gradient by the output instead.
#[inline(always)]
unsafe fn weigh_all<L: Lanes>(work: &Work) {
    let block = work.block;
    for (at, strip) in block.strips.iter().enumerate() {
        unsafe {
            let shares = work.shares.add(work.lane(at));
            for tile in 0..work.tiles {
                if work.was_seen(at, tile) {
                    let scores = work.of_all(work.weights, at, tile);
                    let largest = work.largest.add(work.lane(at));
                    by_lanes!(strip.lanes, powers::<L>(scores, largest, shares));
                }
            }
            for share in std::slice::from_raw_parts_mut(shares, work.lanes) {
                *share = if *share > 0.0 { 1.0 / *share } else { *share };
            }
            let gradient = block
                .attended
                .rows(block.gradient, block.place, &strip.queries);
            let rows = work.rows_of_gradient.add(work.lane(at) * work.padded);
            copy_rows(
                gradient,
                rows,
                (work.lanes, work.width),
                Factors::OfRows(shares),
            );
            turn::<L>(
                rows,
                (strip.queries.len(), work.width, work.padded),
                work.turned_gradient.add(work.lane(at) * work.width),
                (strip.lanes, strip.lanes),
                1.0,
            );
        }
    }
}

/// What is taken off the gradient by the weights.
#[inline(always)]
unsafe fn centre_all<L: Lanes>(work: &Work) {
    let block = work.block;
    for (at, strip) in block.strips.iter().enumerate() {
        unsafe {
            let centres = work.centres.add(work.lane(at));
            if let Some(output) = block.output {
                let output = block.attended.rows(output, block.place, &strip.queries);
                let rows = work.rows_of_gradient.add(work.lane(at) * work.padded);
                for (row, output) in output.chunks_exact(work.width).enumerate() {
                    let rows = std::slice::from_raw_parts(rows.add(row * work.padded), work.width);
                    *centres.add(row) = dot(output, rows);
                }
                continue;
            }
            for tile in 0..work.tiles {
                if work.was_seen(at, tile) {
                    let outward = work.of_all(work.outward, at, tile);
                    by_lanes!(
                        strip.lanes,
                        products_of::<L>(
                            outward,
                            work.values.add(tile * KEY_TILE * work.width),
                            (
                                work.turned_gradient.add(work.lane(at) * work.width),
                                work.width
                            )
                        )
                    );
                    let weights = work.of_all(work.weights, at, tile);
                    by_lanes!(
                        strip.lanes,
                        sum_products::<L>(weights, outward.start, centres)
                    );
                }
            }
            for lane in 0..work.lanes {
                *centres.add(lane) *= *work.shares.add(work.lane(at) + lane);
            }
        }
    }
}

/// A tile's part of the gradient by q, and the block's of that by the tile's keys and values.
#[inline(always)]
unsafe fn differentiate_tile<L: Lanes>(work: &Work, tile: usize, [by_k, by_v]: [*mut f32; 2]) {
    let count = work.block.strips.len();
    let seen = &work.seen[tile * count..(tile + 1) * count];
    let Some(first) = seen.iter().position(|&is| is) else {
        return;
    };
    let last = seen.iter().rposition(|&is| is).unwrap_or(first);
    let seen_keys = (first..=last).filter(|&at| seen[at]);
    let keys = seen_keys.map(|at| work.of_all(work.weights, at, tile).keys);
    let keys = keys.max().unwrap_or(0);
    let start = tile * KEY_TILE;
    unsafe {
        for at in first..=last {
            clear_unseen(work, at, tile, keys);
            if work.was_seen(at, tile) {
                differentiate_strip::<L>(work, at, tile);
            }
        }
        let inner = (last + 1 - first) * work.lanes;
        let weights = work.of_all(work.weights, first, tile).start;
        let by_scores = work.of_tile(work.by_scores, first, tile).start;
        for (left, right, to) in [
            (weights, work.rows_of_gradient, by_v),
            (by_scores, work.rows_of_q, by_k),
        ] {
            product::<L, false>(
                keys,
                inner,
                Left {
                    start: left,
                    stride: work.stride,
                },
                Right {
                    start: right.add(work.lane(first) * work.padded),
                    stride: work.padded,
                },
                Target {
                    start: to.add(start * work.width),
                    stride: work.width,
                    added: true,
                    columns: work.width,
                },
            );
        }
    }
}

/// Zeros for what a strip between others, or one that sees fewer keys, does not look at, and in lanes that it does not take.
unsafe fn clear_unseen(work: &Work, at: usize, tile: usize, keys: usize) {
    let weights = work.of_all(work.weights, at, tile);
    let by_scores = work.of_tile(work.by_scores, at, tile);
    let done = if work.was_seen(at, tile) {
        weights.keys
    } else {
        0
    };
    let taken = work.block.strips[at].lanes;
    for key in 0..keys {
        let from = if key < done { taken } else { 0 };
        for start in [weights.start, by_scores.start] {
            let start = unsafe { start.add(key * work.stride + from) };
            unsafe { std::slice::from_raw_parts_mut(start, work.lanes - from) }.fill(0.0);
        }
    }
}

#[inline(always)]
unsafe fn differentiate_strip<L: Lanes>(work: &Work, at: usize, tile: usize) {
    let lanes = work.block.strips[at].lanes;
    let by_scores = work.of_tile(work.by_scores, at, tile);
    let from_lane = work.lane(at) * work.width;
    unsafe {
        let outward = match work.block.output {
            None => work.of_all(work.outward, at, tile).start,
            Some(_) => {
                let values = work.values.add(tile * KEY_TILE * work.width);
                let right = (work.turned_gradient.add(from_lane), work.width);
                by_lanes!(lanes, products_of::<L>(by_scores, values, right));
                by_scores.start
            }
        };
        let softcap = work.block.attended.softcap;
        let slopes = softcap.map(|_| work.of_all(work.slopes, at, tile).start.cast_const());
        let weights = work.of_all(work.weights, at, tile);
        let centres = work.centres.add(work.lane(at));
        by_lanes!(
            lanes,
            differentiate_scores::<L>(weights, outward, by_scores.start, centres, slopes)
        );
        let keys = work.keys.add(tile * KEY_TILE * work.width);
        let into = (work.turned_by_q.add(from_lane), work.width);
        by_lanes!(lanes, mix::<L>(by_scores, keys, into));
    }
}

enum Factors {
    One(f32),
    OfRows(*const f32),
}

/// Rows times a factor each, padded to a multiple of eight columns and to `rows` rows with zeros.
#[inline(always)]
unsafe fn copy_rows(from: &[f32], to: *mut f32, (rows, width): (usize, usize), factors: Factors) {
    let padded = width.next_multiple_of(8);
    let to = unsafe { std::slice::from_raw_parts_mut(to, rows * padded) };
    let present = from.len() / width;
    for (row, to) in to.chunks_exact_mut(padded).enumerate() {
        if row >= present {
            to.fill(0.0);
            continue;
        }
        let factor = match factors {
            Factors::One(factor) => factor,
            Factors::OfRows(factors) => unsafe { *factors.add(row) },
        };
        let from = &from[row * width..(row + 1) * width];
        for (to, value) in to.iter_mut().zip(from) {
            *to = value * factor;
        }
        to[width..].fill(0.0);
    }
}

/// In eight sums, which are added up at the end.
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let mut rest = 0.0;
    for (a, b) in a.remainder().iter().zip(b.remainder()) {
        rest += a * b;
    }
    for (a, b) in a.zip(b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// left (keys x width) right (width x lanes) into the scores' place.
#[inline(always)]
unsafe fn products_of<L: Lanes, const N: usize>(
    scores: Scores,
    left: *const f32,
    (right, width): (*mut f32, usize),
) {
    let lanes = N * L::WIDTH;
    unsafe {
        product_of_strip::<L, N, false>(
            scores.keys,
            width,
            Left {
                start: left,
                stride: width,
            },
            Right {
                start: right,
                stride: lanes,
            },
            Target {
                start: scores.start,
                stride: scores.stride,
                added: false,
                columns: lanes,
            },
        );
    }
}

#[inline(always)]
unsafe fn scores_of<L: Lanes, const N: usize>(
    scores: Scores,
    keys: *const f32,
    queries: (*mut f32, usize),
    (softcap, slopes): (Option<f32>, Option<*mut f32>),
    bias: Option<*const f32>,
    largest: *mut f32,
) {
    unsafe {
        products_of::<L, N>(scores, keys, queries);
        finish_scores::<L, N>(scores, softcap, bias, slopes, largest);
    }
}

/// into (width x lanes) += left^T (keys x width) scores.
#[inline(always)]
unsafe fn mix<L: Lanes, const N: usize>(
    scores: Scores,
    left: *const f32,
    (into, width): (*mut f32, usize),
) {
    let lanes = N * L::WIDTH;
    unsafe {
        product_of_strip::<L, N, true>(
            width,
            scores.keys,
            Left {
                start: left,
                stride: width,
            },
            Right {
                start: scores.start,
                stride: scores.stride,
            },
            Target {
                start: into,
                stride: lanes,
                added: true,
                columns: lanes,
            },
        );
    }
}

/// sums += the sums over keys of scores times others, which lie as they do.
#[inline(always)]
unsafe fn sum_products<L: Lanes, const N: usize>(
    scores: Scores,
    others: *const f32,
    sums: *mut f32,
) {
    unsafe {
        for vector in 0..N {
            let lane = vector * L::WIDTH;
            let mut sum = L::load(sums.add(lane));
            for key in 0..scores.keys {
                let at = key * scores.stride + lane;
                sum = L::fused(L::load(scores.start.add(at)), L::load(others.add(at)), sum);
            }
            L::store(sums.add(lane), sum);
        }
    }
}

/// dS = P (dP - D), by the cap's slopes.
#[inline(always)]
unsafe fn differentiate_scores<L: Lanes, const N: usize>(
    weights: Scores,
    outward: *const f32,
    to: *mut f32,
    centres: *const f32,
    slopes: Option<*const f32>,
) {
    unsafe {
        for vector in 0..N {
            let lane = vector * L::WIDTH;
            let centre = L::load(centres.add(lane));
            for key in 0..weights.keys {
                let at = key * weights.stride + lane;
                let centred = L::sub(L::load(outward.add(at)), centre);
                let mut result = L::mul(L::load(weights.start.add(at)), centred);
                if let Some(slopes) = slopes {
                    result = L::mul(result, L::load(slopes.add(at)));
                }
                L::store(to.add(at), result);
            }
        }
    }
}
