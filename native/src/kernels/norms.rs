//! Gradients of norms by their input, each in one pass over memory: what a row needs is read a second time from the cache.

use super::lanes::Lanes;
use crate::parallel::{Disjoint, Parallel};
use crate::with_lanes;

/// Numbers of a part of the work, about.
const PART: usize = 1 << 14;

/// What a norm of rows knows of them from its forward pass.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// (rows x width)
    pub x: &'a [f32],
    /// (width)
    pub weight: &'a [f32],
    /// (rows); none where rows are not centred (an RMS norm)
    pub mean: Option<&'a [f32]>,
    /// (rows): 1 / the deviation or root mean square
    pub inverse: &'a [f32],
}

/// With n = (x - mean) r: r (w dy - mean(w dy) - n mean(w dy n)), without the middle term where rows are not centred.
pub fn norm_gradient(parallel: &dyn Parallel, rows: Rows, gradient: &[f32], by_x: &mut [f32]) {
    let Rows {
        x,
        weight,
        mean,
        inverse,
    } = rows;
    let width = weight.len();
    assert!(
        inverse.len() * width == x.len() && mean.is_none_or(|mean| mean.len() == inverse.len())
    );
    assert!(gradient.len() == x.len() && by_x.len() == x.len());
    let at_once = (PART / width.max(1)).max(1);
    let target = Disjoint::new(by_x);
    parallel.for_each(inverse.len().div_ceil(at_once), &|part| {
        let first = part * at_once;
        let last = inverse.len().min(first + at_once);
        let range = first * width..last * width;
        let from = [x, gradient].map(|whole| whole[range.clone()].as_ptr());
        // SAFETY: each row is in one part, and each part is asked for once.
        let by_x = unsafe { target.pointer(range) };
        let mean = mean.map(|mean| &mean[first..last]);
        let inverse = &inverse[first..last];
        with_lanes!(some_rows(from: [*const f32; 2], weight: &[f32], mean: Option<&[f32]>, inverse: &[f32], by_x: *mut f32));
    });
}

#[inline(always)]
unsafe fn some_rows<L: Lanes>(
    [x, gradient]: [*const f32; 2],
    weight: &[f32],
    mean: Option<&[f32]>,
    inverse: &[f32],
    by_x: *mut f32,
) {
    let width = weight.len();
    for (row, &scale) in inverse.iter().enumerate() {
        unsafe {
            let offset = row * width;
            let from = [x.add(offset), gradient.add(offset), weight.as_ptr()];
            let to = by_x.add(offset);
            let centre = if let Some(mean) = mean {
                mean[row]
            } else {
                0.0
            };
            let row = Row {
                centre: L::splat(centre),
                scale: L::splat(scale),
            };
            let sums = sums_of::<L>(width, from, &row);
            let share = 1.0 / width as f32;
            let along = L::splat(sums[0] * share);
            let middle = if mean.is_some() { sums[1] * share } else { 0.0 };
            write::<L>(width, from, &row, [along, L::splat(middle)], to);
        }
    }
}

struct Row<L: Lanes> {
    centre: L::Vector,
    scale: L::Vector,
}

/// n and w dy
#[inline(always)]
unsafe fn terms<L: Lanes>(
    row: &Row<L>,
    x: L::Vector,
    gradient: L::Vector,
    weight: L::Vector,
) -> [L::Vector; 2] {
    unsafe {
        [
            L::mul(L::sub(x, row.centre), row.scale),
            L::mul(gradient, weight),
        ]
    }
}

/// The sums of w dy n and of w dy. What lies beyond a row's end is no part of them: w and dy are 0 there.
#[inline(always)]
unsafe fn sums_of<L: Lanes>(
    width: usize,
    [x, gradient, weight]: [*const f32; 3],
    row: &Row<L>,
) -> [f32; 2] {
    unsafe {
        let zero = L::splat(0.0);
        let (mut along, mut middle) = ([zero; 2], [zero; 2]);
        let whole = width - width % L::WIDTH;
        let pairs = whole - whole % (2 * L::WIDTH);
        for at in (0..pairs).step_by(2 * L::WIDTH) {
            for half in 0..2 {
                let at = at + half * L::WIDTH;
                let [n, scaled] = terms(
                    row,
                    L::load(x.add(at)),
                    L::load(gradient.add(at)),
                    L::load(weight.add(at)),
                );
                along[half] = L::fused(scaled, n, along[half]);
                middle[half] = L::add(middle[half], scaled);
            }
        }
        for at in (pairs..width).step_by(L::WIDTH) {
            let count = (width - at).min(L::WIDTH);
            let [n, scaled] = terms(
                row,
                L::load_first(x.add(at), count),
                L::load_first(gradient.add(at), count),
                L::load_first(weight.add(at), count),
            );
            along[0] = L::fused(scaled, n, along[0]);
            middle[0] = L::add(middle[0], scaled);
        }
        [
            sum::<L>(L::add(along[0], along[1])),
            sum::<L>(L::add(middle[0], middle[1])),
        ]
    }
}

/// r (w dy - middle - n along)
#[inline(always)]
unsafe fn write<L: Lanes>(
    width: usize,
    [x, gradient, weight]: [*const f32; 3],
    row: &Row<L>,
    [along, middle]: [L::Vector; 2],
    to: *mut f32,
) {
    unsafe {
        let whole = width - width % L::WIDTH;
        for at in (0..whole).step_by(L::WIDTH) {
            let [n, scaled] = terms(
                row,
                L::load(x.add(at)),
                L::load(gradient.add(at)),
                L::load(weight.add(at)),
            );
            let rest = L::sub(L::sub(scaled, middle), L::mul(n, along));
            L::store(to.add(at), L::mul(row.scale, rest));
        }
        let rest = width - whole;
        if rest > 0 {
            let [n, scaled] = terms(
                row,
                L::load_first(x.add(whole), rest),
                L::load_first(gradient.add(whole), rest),
                L::load_first(weight.add(whole), rest),
            );
            let result = L::sub(L::sub(scaled, middle), L::mul(n, along));
            L::store_first(to.add(whole), L::mul(row.scale, result), rest);
        }
    }
}

/// The lanes of a vector together, in their order.
#[inline(always)]
pub unsafe fn sum<L: Lanes>(vector: L::Vector) -> f32 {
    let mut lanes = [0f32; 16];
    unsafe { L::store(lanes.as_mut_ptr(), vector) };
    let mut sum = 0.0;
    for &lane in &lanes[..L::WIDTH] {
        sum += lane;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{close, each_kind, numbers, same_on_threads, thread_seconds};
    use crate::parallel::ScopedThreads;

    #[test]
    fn gradients_of_rows_are_what_doubles_give_on_any_number_of_threads() {
        for (rows, width) in [(1, 1), (3, 7), (40, 576), (9, 100)] {
            let [x, gradient] = [1, 2].map(|seed| numbers(rows * width, seed, 2.0));
            let [weight, mean, inverse] =
                [(width, 3), (rows, 4), (rows, 5)].map(|(count, seed)| numbers(count, seed, 1.0));
            each_kind(|| {
                for mean in [None, Some(mean.as_slice())] {
                    let run = |threads| {
                        let mut by_x = vec![0.0; x.len()];
                        let given = Rows {
                            x: &x,
                            weight: &weight,
                            mean,
                            inverse: &inverse,
                        };
                        norm_gradient(&ScopedThreads(threads), given, &gradient, &mut by_x);
                        by_x
                    };
                    let by_x = run(1);
                    same_on_threads(&by_x, || run(3));
                    for row in 0..rows {
                        let r = f64::from(inverse[row]);
                        let centre = mean.map_or(0.0, |mean| f64::from(mean[row]));
                        let of = |at: usize| {
                            let scaled =
                                f64::from(gradient[row * width + at]) * f64::from(weight[at]);
                            ((f64::from(x[row * width + at]) - centre) * r, scaled)
                        };
                        let share = |term: &dyn Fn((f64, f64)) -> f64| {
                            (0..width).map(|at| term(of(at))).sum::<f64>() / width as f64
                        };
                        let along = share(&|(n, scaled)| n * scaled);
                        let middle = if mean.is_some() {
                            share(&|(_, scaled)| scaled)
                        } else {
                            0.0
                        };
                        for at in 0..width {
                            let (n, scaled) = of(at);
                            let expected = r * (scaled - middle - n * along);
                            close(by_x[row * width + at], expected, 2e-6);
                        }
                    }
                }
            });
        }
    }

    #[test]
    #[ignore = "a measurement"]
    fn rates_of_norm_gradients() {
        const ROWS: usize = 1024;
        for width in [576, 768, 2048] {
            let [x, gradient] = [1, 2].map(|seed| numbers(ROWS * width, seed, 2.0));
            let [weight, mean, inverse] =
                [(width, 3), (ROWS, 4), (ROWS, 5)].map(|(count, seed)| numbers(count, seed, 1.0));
            let mut by_x = vec![0.0; x.len()];
            for mean in [None, Some(mean.as_slice())] {
                let given = Rows {
                    x: &x,
                    weight: &weight,
                    mean,
                    inverse: &inverse,
                };
                let best = (0..50)
                    .map(|_| {
                        let start = thread_seconds();
                        norm_gradient(&ScopedThreads(1), given, &gradient, &mut by_x);
                        thread_seconds() - start
                    })
                    .fold(f64::INFINITY, f64::min);
                println!(
                    "{ROWS} x {width}, centred: {}: {:.0} us, {:.1} GB/s",
                    mean.is_some(),
                    best * 1e6,
                    12e-9 * x.len() as f64 / best
                );
            }
        }
    }
}
