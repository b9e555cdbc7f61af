//! A convolution of 3 x 3, stride 1 and padding 1, and its gradient by the input, which is the same with turned kernels of swapped inputs
//! and outputs. By Winograd's F(2 x 2, 3 x 3): 16 products for four pixels of a pair of channels, in the place of 36. Kernels are transformed on the way, a
//! block of outputs at a time, into a buffer that stays in the cache; pixels as many at a time as `PIXELS` holds.

mod tiles;
mod transforms;

use std::array::from_fn;

use self::tiles::{Run, Tiles};
use self::transforms::{
    BATCH, POINTS, Row, by_entry, pixels_of_points, points_of_kernels, points_of_pixels,
};
use super::product::{Kernel, LANES, kernel};
use super::scratch::Scratch;
use crate::parallel::{Disjoint, Parallel};

/// Of a convolution y = w * x: x is images x inputs x height x width, w outputs x inputs x 3 x 3, y images x outputs x height x width.
#[derive(Clone, Copy)]
pub struct Shape {
    pub images: usize,
    pub inputs: usize,
    pub outputs: usize,
    pub height: usize,
    pub width: usize,
}

/// Kernels as they are used: from `inputs` to `outputs` of this use, wherever they lie.
struct Kernels<'a> {
    values: &'a [f32],
    inputs: usize,
    outputs: usize,
    /// From the kernel of an input, and of an output, to that of the next.
    input_step: usize,
    output_step: usize,
    /// By half a turn.
    turned: bool,
}

impl<'a> Kernels<'a> {
    fn forward(
        Shape {
            inputs, outputs, ..
        }: Shape,
        values: &'a [f32],
    ) -> Self {
        Self {
            values,
            inputs,
            outputs,
            input_step: 9,
            output_step: 9 * inputs,
            turned: false,
        }
    }
    /// From y's channels to x's.
    fn by_input(
        Shape {
            inputs, outputs, ..
        }: Shape,
        values: &'a [f32],
    ) -> Self {
        let (input_step, output_step) = (9 * inputs, 9);
        Self {
            values,
            inputs: outputs,
            outputs: inputs,
            input_step,
            output_step,
            turned: true,
        }
    }
}

/// Writes w * x.
///
/// # Panics
/// Where a slice has not the length of its shape.
pub fn convolution(parallel: &dyn Parallel, shape: Shape, x: &[f32], w: &[f32], y: &mut [f32]) {
    convolve(parallel, kernel(), shape, &Kernels::forward(shape, w), x, y);
}

/// Writes the gradient by x from `d`, that by y.
///
/// # Panics
/// Where a slice has not the length of its shape.
pub fn convolution_by_input(
    parallel: &dyn Parallel,
    shape: Shape,
    d: &[f32],
    w: &[f32],
    gradient: &mut [f32],
) {
    convolve(
        parallel,
        kernel(),
        shape,
        &Kernels::by_input(shape, w),
        d,
        gradient,
    );
}

/// Values of transformed pixels at most: they are read once for every block of outputs, so they should stay in the cache that all threads share.
const PIXELS: usize = 4 << 20;

fn convolve(
    parallel: &dyn Parallel,
    kernel: &Kernel,
    Shape {
        images,
        height,
        width,
        ..
    }: Shape,
    kernels: &Kernels,
    x: &[f32],
    y: &mut [f32],
) {
    let Kernels {
        inputs, outputs, ..
    } = *kernels;
    assert!(kernels.values.len() == 9 * inputs * outputs);
    assert!(x.len() == images * inputs * height * width);
    assert!(y.len() == images * outputs * height * width);
    let tiles = Tiles {
        images,
        height,
        width,
    };
    let y = Disjoint::new(y);
    let at_once = (PIXELS / (POINTS * inputs * LANES).max(1)).clamp(1, tiles.groups().max(1));
    let mut pixels = Scratch::take(at_once * POINTS * inputs * LANES);
    for first in (0..tiles.groups()).step_by(at_once) {
        let groups: Vec<Group> = (first..tiles.groups().min(first + at_once))
            .map(|group| Group {
                lanes: tiles.lanes(group),
                runs: tiles.runs(group).collect(),
            })
            .collect();
        transform_pixels(parallel, &tiles, &groups, inputs, x, &mut pixels);
        let blocks = Blocks::of(kernel, outputs, groups.len(), parallel.threads());
        parallel.for_each(blocks.count(), &|block| {
            multiply(
                kernel, kernels, &tiles, &groups, &blocks, block, &pixels, &y,
            )
        });
    }
}

struct Group {
    lanes: usize,
    runs: Vec<Run>,
}

/// Channels that are transformed as one piece of work.
const CHANNELS: usize = 32;

/// Into group x point x channel x lane.
fn transform_pixels(
    parallel: &dyn Parallel,
    tiles: &Tiles,
    groups: &[Group],
    channels: usize,
    x: &[f32],
    pixels: &mut [f32],
) {
    let pixels = Disjoint::new(pixels);
    let parts = channels.div_ceil(CHANNELS);
    parallel.for_each(groups.len() * parts, &|at| {
        let (group, start) = (at / parts, at % parts * CHANNELS);
        let end = channels.min(start + CHANNELS);
        let mut points = from_fn(|point| {
            let row = (group * POINTS + point) * channels;
            // SAFETY: these channels of this group are this piece of work alone.
            unsafe { pixels.slice((row + start) * LANES..(row + end) * LANES) }
        });
        points_of_pixels(
            x,
            tiles,
            &groups[group].runs,
            channels,
            start..end,
            &mut points,
        );
    });
}

/// How outputs and groups of tiles are dealt out. It changes no result: each is calculated on its own, in the same order.
struct Blocks {
    /// Panels of `kernel.rows` outputs, of which a block has `panels`.
    all_panels: usize,
    panels: usize,
    all_groups: usize,
    groups: usize,
}

impl Blocks {
    /// Outputs of a block: enough that pixels are seldom read, few enough that their transformed kernels stay in a core's own cache.
    const OUTPUTS: usize = 32;

    fn of(kernel: &Kernel, outputs: usize, all_groups: usize, threads: usize) -> Self {
        let all_panels = outputs.div_ceil(kernel.rows);
        let most = (Self::OUTPUTS / kernel.rows).max(1);
        // The time of the busiest thread; of equals the largest, which reads pixels least.
        let time = |panels: &usize| all_panels.div_ceil(*panels).div_ceil(threads) * panels;
        let panels = (1..=most).rev().min_by_key(time).unwrap_or(1);
        let parts = threads
            .div_ceil(all_panels.div_ceil(panels).max(1))
            .min(all_groups.max(1));
        Self {
            all_panels,
            panels,
            all_groups,
            groups: all_groups.div_ceil(parts),
        }
    }
    fn of_outputs(&self) -> usize {
        self.all_panels.div_ceil(self.panels)
    }
    fn count(&self) -> usize {
        self.of_outputs() * self.all_groups.div_ceil(self.groups)
    }
}

#[allow(clippy::too_many_arguments)]
fn multiply(
    kernel: &Kernel,
    kernels: &Kernels,
    tiles: &Tiles,
    groups: &[Group],
    blocks: &Blocks,
    block: usize,
    pixels: &[f32],
    y: &Disjoint<f32>,
) {
    let (inputs, rows) = (kernels.inputs, kernel.rows);
    let first = block % blocks.of_outputs() * blocks.panels;
    let panels = blocks.panels.min(blocks.all_panels - first);
    let start = block / blocks.of_outputs() * blocks.groups;
    let panel_length = inputs * rows;
    let mut points = Scratch::take(POINTS * panels * panel_length);
    transform_kernels(kernels, rows, first, panels, &mut points);
    let mut products = Scratch::take(POINTS * panels * rows * LANES);
    for at in start..groups.len().min(start + blocks.groups) {
        let Group { lanes, runs } = &groups[at];
        for point in 0..POINTS {
            let right = &pixels[(at * POINTS + point) * inputs * LANES..][..inputs * LANES];
            for panel in 0..panels {
                let left = &points[(point * panels + panel) * panel_length..][..panel_length];
                let target =
                    &mut products[(point * panels + panel) * rows * LANES..][..rows * LANES];
                kernel.multiply(*lanes, inputs, left, (right, LANES), (target, LANES));
            }
        }
        let outputs = kernels.outputs.min((first + panels) * rows) - first * rows;
        for row in 0..outputs {
            let step = panels * rows * LANES;
            let output = first * rows + row;
            pixels_of_points(
                &products[row * LANES..],
                step,
                tiles,
                runs,
                kernels.outputs,
                output,
                y,
            );
        }
    }
}

/// Inputs by which kernels are fetched before they are read; without, 1280 x 1280 of them took a tenth longer.
const AHEAD: usize = 12;

/// Into point x panel x input x output of the panel.
fn transform_kernels(
    kernels: &Kernels,
    rows: usize,
    first: usize,
    panels: usize,
    points: &mut [f32],
) {
    let panel_length = kernels.inputs * rows;
    let mut points = points.chunks_exact_mut(panels * panel_length);
    let mut points: [&mut [f32]; POINTS] =
        from_fn(|_| points.next().expect("as many as there are"));
    let at_once = BATCH / rows;
    let parts = kernels.inputs.div_ceil(at_once);
    let mut entries = [[0f32; BATCH]; 9];
    for at in 0..panels * parts {
        // Kernels are read as they lie.
        let (panel, part) = if kernels.turned {
            (at % panels, at / panels)
        } else {
            (at / parts, at % parts)
        };
        let start = part * at_once;
        let count = at_once.min(kernels.inputs - start);
        let output = (first + panel) * rows;
        let outputs = rows.min(kernels.outputs - output);
        for input in 0..count {
            let at = output * kernels.output_step + (start + input) * kernels.input_step;
            let row = Row {
                kernels: &kernels.values[at..],
                step: kernels.output_step,
                count: outputs,
                turned: kernels.turned,
                ahead: AHEAD * kernels.input_step,
            };
            by_entry(&row, &mut entries, input * rows);
        }
        points_of_kernels(
            &entries,
            count * rows,
            &mut points,
            panel * panel_length + start * rows,
        );
    }
}

#[cfg(test)]
mod tests;
