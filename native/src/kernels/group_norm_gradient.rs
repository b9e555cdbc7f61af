//! The gradient of a group norm by its input in one pass over memory: a group's pixels are read a second time from the cache.

use super::group_norm::Extents;
use super::lanes::Lanes;
use super::norms::sum;
use crate::parallel::{Disjoint, Parallel};
use crate::with_lanes;

/// Pixels whose sums are kept in single precision.
const BLOCK: usize = 1 << 12;

/// What a group norm knows from its forward pass.
#[derive(Clone, Copy)]
pub struct Normed<'a> {
    pub extents: &'a Extents,
    /// (images x channels x pixels)
    pub x: &'a [f32],
    /// (channels)
    pub weight: &'a [f32],
    /// (images x groups)
    pub mean: &'a [f32],
    /// (images x groups): 1 / the deviation
    pub inverse: &'a [f32],
}

/// With c = x - mean and r = 1 / deviation of the group: r (w dy - mean(w dy) - r^2 c mean(w dy c)).
pub fn group_norm_gradient(
    parallel: &dyn Parallel,
    normed: Normed,
    gradient: &[f32],
    by_x: &mut [f32],
) {
    let Extents {
        images,
        channels,
        pixels,
        groups,
    } = *normed.extents;
    let channels_of_group = channels / groups;
    let length = channels_of_group * pixels;
    assert!([normed.x.len(), gradient.len(), by_x.len()] == [images * groups * length; 3]);
    assert!(normed.weight.len() == channels);
    assert!([normed.mean.len(), normed.inverse.len()] == [images * groups; 2]);
    let target = Disjoint::new(by_x);
    parallel.for_each(images * groups, &|at| {
        let range = at * length..(at + 1) * length;
        let first = at % groups * channels_of_group;
        let group = &Group {
            x: &normed.x[range.clone()],
            gradient: &gradient[range.clone()],
            weight: &normed.weight[first..first + channels_of_group],
            pixels,
            mean: normed.mean[at],
            inverse: normed.inverse[at],
        };
        // SAFETY: each image's group is one part of the work and writes its own places only.
        let by_x = unsafe { target.pointer(range) };
        with_lanes!(one_group(group: &Group, by_x: *mut f32));
    });
}

struct Group<'a> {
    x: &'a [f32],
    gradient: &'a [f32],
    weight: &'a [f32],
    pixels: usize,
    mean: f32,
    inverse: f32,
}

#[inline(always)]
unsafe fn one_group<L: Lanes>(group: &Group, by_x: *mut f32) {
    let Group {
        x,
        gradient,
        weight,
        pixels,
        mean,
        inverse,
    } = *group;
    unsafe {
        let (mut along, mut middle) = (0f64, 0f64);
        for (channel, &weight) in weight.iter().enumerate() {
            let mut start = channel * pixels;
            let end = start + pixels;
            while start < end {
                let count = (end - start).min(BLOCK);
                let from = [x.as_ptr().add(start), gradient.as_ptr().add(start)];
                let sums = sums_of::<L>(count, from, mean);
                along += f64::from(sums[0]) * f64::from(weight);
                middle += f64::from(sums[1]) * f64::from(weight);
                start += count;
            }
        }
        let share = f64::from(inverse) / x.len() as f64;
        let steep = (along * share) as f32 * inverse * inverse;
        let offset = (middle * share) as f32;
        for (channel, &weight) in weight.iter().enumerate() {
            let start = channel * pixels;
            let from = [x.as_ptr().add(start), gradient.as_ptr().add(start)];
            let line = [weight * inverse, mean, steep, offset];
            write::<L>(pixels, from, line, by_x.add(start));
        }
    }
}

/// The sums of dy (x - mean) and of dy. What lies beyond the end is no part of them: dy is 0 there.
#[inline(always)]
unsafe fn sums_of<L: Lanes>(count: usize, [x, gradient]: [*const f32; 2], mean: f32) -> [f32; 2] {
    unsafe {
        let (zero, mean) = (L::splat(0.0), L::splat(mean));
        let (mut along, mut middle) = ([zero; 2], [zero; 2]);
        let pairs = count - count % (2 * L::WIDTH);
        for at in (0..pairs).step_by(2 * L::WIDTH) {
            for half in 0..2 {
                let at = at + half * L::WIDTH;
                let dy = L::load(gradient.add(at));
                let centred = L::sub(L::load(x.add(at)), mean);
                along[half] = L::fused(dy, centred, along[half]);
                middle[half] = L::add(middle[half], dy);
            }
        }
        for at in (pairs..count).step_by(L::WIDTH) {
            let rest = (count - at).min(L::WIDTH);
            let dy = L::load_first(gradient.add(at), rest);
            let centred = L::sub(L::load_first(x.add(at), rest), mean);
            along[0] = L::fused(dy, centred, along[0]);
            middle[0] = L::add(middle[0], dy);
        }
        [
            sum::<L>(L::add(along[0], along[1])),
            sum::<L>(L::add(middle[0], middle[1])),
        ]
    }
}

/// slope dy - steep (x - mean) - offset
#[inline(always)]
unsafe fn write<L: Lanes>(
    count: usize,
    [x, gradient]: [*const f32; 2],
    [slope, mean, steep, offset]: [f32; 4],
    to: *mut f32,
) {
    unsafe {
        let (slope, mean) = (L::splat(slope), L::splat(mean));
        let (steep, offset) = (L::splat(steep), L::splat(offset));
        let whole = count - count % L::WIDTH;
        for at in (0..whole).step_by(L::WIDTH) {
            let centred = L::sub(L::load(x.add(at)), mean);
            let outward = L::mul(L::load(gradient.add(at)), slope);
            let rest = L::sub(outward, L::mul(centred, steep));
            L::store(to.add(at), L::sub(rest, offset));
        }
        let rest = count - whole;
        if rest > 0 {
            let centred = L::sub(L::load_first(x.add(whole), rest), mean);
            let outward = L::mul(L::load_first(gradient.add(whole), rest), slope);
            let value = L::sub(L::sub(outward, L::mul(centred, steep)), offset);
            L::store_first(to.add(whole), value, rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{close, each_kind, numbers, same_on_threads};
    use crate::parallel::ScopedThreads;

    #[test]
    fn is_what_doubles_give_on_any_number_of_threads() {
        for (images, channels, pixels, groups) in
            [(2, 6, 35, 3), (1, 4, 1, 4), (1, 3, BLOCK + 45, 1)]
        {
            let extents = Extents {
                images,
                channels,
                pixels,
                groups,
            };
            let total = images * channels * pixels;
            let [x, gradient] = [1, 2].map(|seed| numbers(total, seed, 2.0));
            let weight = numbers(channels, 3, 1.0);
            let [mean, inverse] = [4, 5].map(|seed| numbers(images * groups, seed, 1.0));
            each_kind(|| {
                let run = |threads| {
                    let mut by_x = vec![0.0; total];
                    let normed = Normed {
                        extents: &extents,
                        x: &x,
                        weight: &weight,
                        mean: &mean,
                        inverse: &inverse,
                    };
                    group_norm_gradient(&ScopedThreads(threads), normed, &gradient, &mut by_x);
                    by_x
                };
                let by_x = run(1);
                same_on_threads(&by_x, || run(3));
                let length = channels / groups * pixels;
                for group in 0..images * groups {
                    let (r, centre) = (f64::from(inverse[group]), f64::from(mean[group]));
                    let of = |at: usize| {
                        let place = group * length + at;
                        let scaled = f64::from(gradient[place])
                            * f64::from(weight[place / pixels % channels]);
                        ((f64::from(x[place]) - centre) * r, scaled)
                    };
                    let terms = || (0..length).map(of);
                    let along = terms().map(|(n, scaled)| n * scaled).sum::<f64>() / length as f64;
                    let middle = terms().map(|(_, scaled)| scaled).sum::<f64>() / length as f64;
                    for (at, (n, scaled)) in terms().enumerate() {
                        let expected = r * (scaled - middle - n * along);
                        close(by_x[group * length + at], expected, 2e-6);
                    }
                }
            });
        }
    }
}
