use crate::parallel::{Disjoint, Parallel};

/// Extents of a group norm: `x` is images x channels x pixels, and each group has channels / groups of the channels.
pub struct Extents {
    pub images: usize,
    pub channels: usize,
    pub pixels: usize,
    pub groups: usize,
}

/// y = (x - mean) / sqrt(variance + epsilon) * weight + bias, with mean and variance of each image's group, weight and bias of each
/// channel. `mean` and `inverse` (1 / sqrt(variance + epsilon)) are images x groups.
#[allow(clippy::too_many_arguments)] // three inputs, three outputs
pub fn group_norm(
    parallel: &dyn Parallel,
    extents: &Extents,
    epsilon: f32,
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    y: &mut [f32],
    mean: &mut [f32],
    inverse: &mut [f32],
) {
    let Extents {
        images,
        channels,
        pixels,
        groups,
    } = *extents;
    let channels_of_group = channels / groups;
    let length = channels_of_group * pixels;
    let [y, mean, inverse] = [y, mean, inverse].map(Disjoint::new);
    parallel.for_each(images * groups, &|at| {
        let row = &x[at * length..(at + 1) * length];
        let average = sum(row, |value| value) / length as f64;
        let centre = average as f32;
        let variance = sum(row, |value| (value - centre) * (value - centre)) / length as f64;
        let scale = (1.0 / (variance + f64::from(epsilon)).sqrt()) as f32;
        // SAFETY: each image's group is one part of the work and writes its own places only.
        let (y, mean, inverse) = unsafe {
            (
                y.slice(at * length..(at + 1) * length),
                mean.slice(at..at + 1),
                inverse.slice(at..at + 1),
            )
        };
        mean[0] = centre;
        inverse[0] = scale;
        let first = at % groups * channels_of_group;
        for (channel, (to, from)) in y
            .chunks_mut(pixels.max(1))
            .zip(row.chunks(pixels.max(1)))
            .enumerate()
        {
            let slope = scale * weight[first + channel];
            let offset = bias[first + channel];
            for (to, from) in to.iter_mut().zip(from) {
                *to = (from - centre) * slope + offset;
            }
        }
    });
}

/// The sum of `of` each value: in lanes within blocks, over blocks in double precision.
fn sum(values: &[f32], of: impl Fn(f32) -> f32) -> f64 {
    const LANES: usize = 16;
    const BLOCK: usize = 64 * LANES;
    let block = |values: &[f32]| {
        let mut lanes = [0f32; LANES];
        let mut chunks = values.chunks_exact(LANES);
        for chunk in &mut chunks {
            for (lane, &value) in lanes.iter_mut().zip(chunk) {
                *lane += of(value);
            }
        }
        let rest: f32 = chunks.remainder().iter().map(|&value| of(value)).sum();
        f64::from(lanes.iter().sum::<f32>() + rest)
    };
    values.chunks(BLOCK).map(block).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::ScopedThreads;

    #[test]
    fn is_its_definition_in_double_precision() {
        let extents = Extents {
            images: 2,
            channels: 6,
            pixels: 35,
            groups: 3,
        };
        let total = extents.images * extents.channels * extents.pixels;
        let x: Vec<f32> = (0..total)
            .map(|at| ((at * 37 % 101) as f32 / 50.0).sin() * 3.0 + 1.0)
            .collect();
        let weight: Vec<f32> = (0..6).map(|at| 0.5 + at as f32).collect();
        let bias: Vec<f32> = (0..6).map(|at| at as f32 - 2.0).collect();
        let mut y = vec![0.0; total];
        let [mut mean, mut inverse] = [vec![0.0; 6], vec![0.0; 6]];
        let threads = ScopedThreads(2);
        group_norm(
            &threads,
            &extents,
            1e-5,
            &x,
            &weight,
            &bias,
            &mut y,
            &mut mean,
            &mut inverse,
        );
        for (at, row) in x.chunks(70).enumerate() {
            let average = row.iter().map(|&value| f64::from(value)).sum::<f64>() / 70.0;
            let squares = row
                .iter()
                .map(|&value| (f64::from(value) - average).powi(2));
            let scale = 1.0 / (squares.sum::<f64>() / 70.0 + 1e-5).sqrt();
            assert!((f64::from(mean[at]) - average).abs() < 1e-6);
            assert!((f64::from(inverse[at]) - scale).abs() < 1e-6 * scale);
            for (pixel, &value) in row.iter().enumerate() {
                let channel = at % 3 * 2 + pixel / 35;
                let expected = (f64::from(value) - average) * scale * f64::from(weight[channel])
                    + f64::from(bias[channel]);
                assert!((f64::from(y[at * 70 + pixel]) - expected).abs() < 1e-5);
            }
        }
    }
}
