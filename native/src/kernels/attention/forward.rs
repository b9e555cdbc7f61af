use super::masks::{MaskKind, Masks};
use super::strips::{
    Scores, Strip, by_lanes, finish_scores, is_seen, keys_of, powers, sees_nothing, strip_length,
    strips, turn, turn_back, turn_bias,
};
use super::{Attended, KEY_TILE, Shape};
use crate::kernels::lanes::{Lanes, power_of_two};
use crate::kernels::scratch::{Scratch, length_of_parts, parts};
use crate::kernels::small_product::{Left, Right, Target, strip as product};
use crate::parallel::{Disjoint, Parallel};
use crate::with_lanes;

/// Queries that go through the keys together: a tile of keys stays in the nearest cache for all of them.
const BLOCK: usize = 128;

/// softmax(scale q k^T + bias) v, into `output` (as q). Queries without keys become zeros; those all of whose keys are masked, were it by minus
/// infinity, weigh them alike. What no query of a strip sees is not looked at, so a NaN there does not come out.
pub fn attention(attended: &Attended, output: &mut [f32], parallel: &dyn Parallel) {
    attended.check();
    let shape = attended.shape;
    assert_eq!(output.len(), shape.of_queries(), "the output");
    if output.is_empty() {
        return;
    }
    let strips = strips(shape.queries);
    let masks = Masks::of(attended, &strips, parallel);
    let strips_of_block = BLOCK / strip_length();
    let blocks = strips.len().div_ceil(strips_of_block);
    let target = Disjoint::new(output);
    parallel.for_each(shape.batch * shape.heads * blocks, &|at| {
        let (head, block) = (at / blocks, at % blocks);
        let part = block * strips_of_block..strips.len().min((block + 1) * strips_of_block);
        let queries = strips[part.start].queries.start..strips[part.end - 1].queries.end;
        let start = (head * shape.queries + queries.start) * shape.width;
        // SAFETY: every head and block has rows of its own.
        let output = unsafe { target.slice(start..start + queries.len() * shape.width) };
        let block = Block {
            attended,
            masks: &masks,
            place: (head / shape.heads, head % shape.heads),
            first: part.start,
            strips: &strips[part],
        };
        let (block, output) = (&block, output.as_mut_ptr());
        let lengths = lengths(block);
        let mut scratch = Scratch::take(length_of_parts(&lengths));
        let parts = &mut parts(&mut scratch, lengths);
        with_lanes!(attend(block: &Block, parts: &mut [&mut [f32]; 6], output: *mut f32));
    });
}

struct Block<'a> {
    attended: &'a Attended<'a>,
    masks: &'a Masks,
    /// Batch and head of queries.
    place: (usize, usize),
    /// The number of the first strip among those of its head.
    first: usize,
    strips: &'a [Strip],
}

/// What a strip of queries keeps from one tile of keys to the next.
#[derive(Clone, Copy)]
struct State {
    /// width x lanes
    queries: *const f32,
    /// width x lanes, not yet divided by the sums.
    mixed: *mut f32,
    largest: *mut f32,
    sums: *mut f32,
}

/// What blocks work with: of each strip's lanes for each of the width's places, and for one tile of keys.
fn lengths(block: &Block) -> [usize; 6] {
    let lanes = strip_length();
    let of_strips = block.strips.len() * lanes;
    let width = block.attended.shape.width;
    let tile = KEY_TILE * lanes;
    [
        of_strips * width,
        of_strips * width,
        of_strips,
        of_strips,
        tile,
        tile,
    ]
}

#[inline(always)]
unsafe fn attend<L: Lanes>(block: &Block, parts: &mut [&mut [f32]; 6], output: *mut f32) {
    let (batch, _) = block.place;
    let shape = block.attended.shape;
    let width = shape.width;
    let [queries, mixed, largest, sums, ..] = parts;
    mixed.fill(0.0);
    largest.fill(f32::MIN);
    sums.fill(0.0);
    unsafe {
        for (at, strip) in block.strips.iter().enumerate() {
            turn::<L>(
                block
                    .attended
                    .rows(block.attended.q, block.place, &strip.queries)
                    .as_ptr(),
                (strip.queries.len(), width, width),
                queries.as_mut_ptr().add(at * width * 2 * L::WIDTH),
                (strip.lanes, strip.lanes),
                block.attended.factor(),
            );
        }
        // First what is seen; what masks leave out is gone through where a query has seen nothing.
        for is_rest in [false, true] {
            for tile in 0..shape.keys.div_ceil(KEY_TILE) {
                for (at, strip) in block.strips.iter().enumerate() {
                    let is_seen = is_seen(block.masks, batch, block.first + at, tile);
                    let wanted = if is_rest {
                        let most = &parts[2][at * 2 * L::WIDTH..][..2 * L::WIDTH];
                        !is_seen && sees_nothing(strip, most)
                    } else {
                        is_seen
                    };
                    if wanted {
                        attend_keys::<L>(block, parts, at, tile);
                    }
                }
            }
        }
        let first = block.strips[0].queries.start;
        for (at, strip) in block.strips.iter().enumerate() {
            let state = state::<L>(parts, at, width);
            by_lanes!(strip.lanes, divide::<L>(state, width));
            turn_back::<L>(
                state.mixed,
                strip.lanes,
                output.add((strip.queries.start - first) * width),
                (strip.queries.len(), width),
                1.0,
            );
        }
    }
}

#[inline(always)]
unsafe fn state<L: Lanes>(parts: &mut [&mut [f32]; 6], at: usize, width: usize) -> State {
    let lanes = 2 * L::WIDTH;
    let [queries, mixed, largest, sums, ..] = parts;
    unsafe {
        State {
            queries: queries.as_ptr().add(at * width * lanes),
            mixed: mixed.as_mut_ptr().add(at * width * lanes),
            largest: largest.as_mut_ptr().add(at * lanes),
            sums: sums.as_mut_ptr().add(at * lanes),
        }
    }
}

#[inline(always)]
unsafe fn attend_keys<L: Lanes>(
    block: &Block,
    parts: &mut [&mut [f32]; 6],
    at: usize,
    tile: usize,
) {
    let (batch, head) = block.place;
    let attended = block.attended;
    let Shape {
        heads,
        key_value_heads,
        width,
        ..
    } = attended.shape;
    let key_value_head = head / (heads / key_value_heads);
    let strip = &block.strips[at];
    let range = keys_of(attended, strip, tile);
    if range.is_empty() {
        return;
    }
    let state = unsafe { state::<L>(parts, at, width) };
    let [.., scores, bias] = parts;
    let is_biased = block.masks.kind(batch, block.first + at, tile) != MaskKind::None;
    unsafe {
        if is_biased {
            turn_bias::<L>(attended, batch, strip, range.clone(), bias.as_mut_ptr());
        }
        let start = range.start * width;
        let keys = attended
            .of_head(attended.k, batch, key_value_head)
            .as_ptr()
            .add(start);
        let values = attended
            .of_head(attended.v, batch, key_value_head)
            .as_ptr()
            .add(start);
        by_lanes!(
            strip.lanes,
            attend_tile::<L>(
                state,
                (keys, values),
                (range.len(), width),
                attended.softcap,
                is_biased.then_some(bias.as_ptr()),
                scores.as_mut_ptr()
            )
        );
    }
}

/// Some keys and values more.
#[inline(always)]
unsafe fn attend_tile<L: Lanes, const N: usize>(
    state: State,
    (keys, values): (*const f32, *const f32),
    (count, width): (usize, usize),
    softcap: Option<f32>,
    bias: Option<*const f32>,
    scores: *mut f32,
) {
    unsafe {
        let lanes = N * L::WIDTH;
        product::<L, N, false>(
            count,
            width,
            Left {
                start: keys,
                stride: width,
            },
            Right {
                start: state.queries,
                stride: lanes,
            },
            Target {
                start: scores,
                stride: lanes,
                added: false,
                columns: lanes,
            },
        );
        let tile = Scores {
            start: scores,
            stride: lanes,
            keys: count,
        };
        let mut before = [L::splat(0.0); N];
        for (vector, before) in before.iter_mut().enumerate() {
            *before = L::load(state.largest.add(vector * L::WIDTH));
        }
        finish_scores::<L, N>(tile, softcap, bias, None, state.largest);
        for (vector, before) in before.into_iter().enumerate() {
            let lane = vector * L::WIDTH;
            let change = L::sub(before, L::load(state.largest.add(lane)));
            let factor = power_of_two::<L>(change);
            let sums = state.sums.add(lane);
            L::store(sums, L::mul(L::load(sums), factor));
            for column in 0..width {
                let at = state.mixed.add(column * lanes + lane);
                L::store(at, L::mul(L::load(at), factor));
            }
        }
        powers::<L, N>(tile, state.largest, state.sums);
        product::<L, N, true>(
            width,
            count,
            Left {
                start: values,
                stride: width,
            },
            Right {
                start: scores,
                stride: lanes,
            },
            Target {
                start: state.mixed,
                stride: lanes,
                added: true,
                columns: lanes,
            },
        );
    }
}

/// What is mixed, by the sums; zero where there was nothing.
#[inline(always)]
unsafe fn divide<L: Lanes, const N: usize>(state: State, width: usize) {
    unsafe {
        let (zero, one) = (L::splat(0.0), L::splat(1.0));
        for vector in 0..N {
            let lane = vector * L::WIDTH;
            let sum = L::load(state.sums.add(lane));
            let share = L::select_less(zero, sum, L::div(one, sum), sum);
            for column in 0..width {
                let at = state.mixed.add(column * N * L::WIDTH + lane);
                L::store(at, L::mul(L::load(at), share));
            }
        }
    }
}
