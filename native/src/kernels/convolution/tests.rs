use super::*;
use crate::kernels::product::kernels;
use crate::parallel::ScopedThreads;

/// Values of no pattern within -0.5 and 0.5, the same every time.
fn values(length: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(747796405).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1664525).wrapping_add(1013904223);
        (state >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    (0..length).map(|_| next()).collect()
}

/// y and the gradient by x, in f64, entry by entry.
fn expected(shape: Shape, x: &[f32], w: &[f32], d: &[f32]) -> (Vec<f64>, Vec<f64>) {
    let Shape {
        images,
        inputs,
        outputs,
        height,
        width,
    } = shape;
    let mut y = vec![0f64; images * outputs * height * width];
    let mut gradient = vec![0f64; images * inputs * height * width];
    for image in 0..images {
        for (output, input) in
            (0..outputs).flat_map(|output| (0..inputs).map(move |input| (output, input)))
        {
            for (row, column) in
                (0..height).flat_map(|row| (0..width).map(move |column| (row, column)))
            {
                for (entry, kernel) in w[(output * inputs + input) * 9..][..9].iter().enumerate() {
                    let (from_row, from_column) = (row + entry / 3, column + entry % 3);
                    if (1..=height).contains(&from_row) && (1..=width).contains(&from_column) {
                        let to = ((image * outputs + output) * height + row) * width + column;
                        let from = ((image * inputs + input) * height + from_row - 1) * width
                            + from_column
                            - 1;
                        y[to] += *kernel as f64 * x[from] as f64;
                        gradient[from] += *kernel as f64 * d[to] as f64;
                    }
                }
            }
        }
    }
    (y, gradient)
}

/// Largest difference over the largest value.
fn error(actual: &[f32], expected: &[f64]) -> f64 {
    let largest = expected
        .iter()
        .fold(0f64, |most, value| most.max(value.abs()));
    let worst = actual
        .iter()
        .zip(expected)
        .fold(0f64, |most, (actual, expected)| {
            most.max((*actual as f64 - expected).abs())
        });
    worst / largest
}

const fn shape(images: usize, [inputs, outputs]: [usize; 2], [height, width]: [usize; 2]) -> Shape {
    Shape {
        images,
        inputs,
        outputs,
        height,
        width,
    }
}

/// Odd sizes, tiles and channels that fill no group, no panel and no batch, and as many channels as a model has.
const SHAPES: [Shape; 9] = [
    shape(1, [1, 1], [1, 1]),
    shape(2, [3, 5], [4, 4]),
    shape(1, [4, 40], [64, 64]),
    shape(3, [37, 19], [7, 9]),
    shape(1, [33, 70], [3, 130]),
    shape(2, [130, 64], [16, 16]),
    shape(1, [64, 4], [33, 1]),
    shape(5, [20, 8], [2, 2]),
    shape(1, [640, 12], [9, 8]),
];

#[test]
fn is_the_plain_sum_with_every_instruction_set() {
    for kernel in kernels() {
        for shape in SHAPES {
            let Shape {
                images,
                inputs,
                outputs,
                height,
                width,
            } = shape;
            let x = values(images * inputs * height * width, 1);
            let d = values(images * outputs * height * width, 2);
            let w = values(outputs * inputs * 9, 3);
            let (y, gradient) = expected(shape, &x, &w, &d);
            let (forward, backward) = both(&ScopedThreads(2), kernel, shape, &x, &w, &d);
            assert!(error(&forward, &y) < 1e-6, "{}", error(&forward, &y));
            assert!(
                error(&backward, &gradient) < 1e-6,
                "{}",
                error(&backward, &gradient)
            );
        }
    }
}

fn both(
    parallel: &dyn Parallel,
    kernel: &Kernel,
    shape: Shape,
    x: &[f32],
    w: &[f32],
    d: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let mut y = vec![f32::NAN; d.len()];
    convolve(
        parallel,
        kernel,
        shape,
        &Kernels::forward(shape, w),
        x,
        &mut y,
    );
    let mut gradient = vec![f32::NAN; x.len()];
    convolve(
        parallel,
        kernel,
        shape,
        &Kernels::by_input(shape, w),
        d,
        &mut gradient,
    );
    (y, gradient)
}

/// Pixels are taken apart by tiles, but each still counts where a kernel over it does and nowhere else.
#[test]
fn nan_comes_out_where_it_went_in() {
    let shape = shape(1, [2, 3], [5, 7]);
    let x = values(2 * 5 * 7, 1);
    let d = values(3 * 5 * 7, 2);
    let w = values(3 * 2 * 9, 3);
    for at in 0..5 * 7 {
        let [mut x, mut d] = [x.clone(), d.clone()];
        (x[at], d[at]) = (f32::NAN, f32::NAN);
        let (y, gradient) = expected(shape, &x, &w, &d);
        for kernel in kernels() {
            let (forward, backward) = both(&ScopedThreads(1), kernel, shape, &x, &w, &d);
            for (given, expected) in [(forward, &y), (backward, &gradient)] {
                for (given, expected) in given.iter().zip(expected) {
                    assert_eq!(given.is_nan(), expected.is_nan());
                }
            }
        }
    }
}

#[test]
fn threads_change_no_bit() {
    let shape = shape(1, [40, 50], [40, 23]);
    let x = values(40 * 40 * 23, 1);
    let d = values(50 * 40 * 23, 2);
    let w = values(50 * 40 * 9, 3);
    let one = both(&ScopedThreads(1), kernel(), shape, &x, &w, &d);
    for threads in [2, 3, 16] {
        assert!(both(&ScopedThreads(threads), kernel(), shape, &x, &w, &d) == one);
    }
}

/// `cargo test --release -- --ignored --nocapture convolution`: milliseconds of the shapes of Stable Diffusion 1.5 at 512 x 512, two threads.
#[test]
#[ignore = "takes time, and says nothing beside other work"]
fn times() {
    for (channels, side) in [
        ([320, 320], 64),
        ([960, 320], 64),
        ([640, 640], 32),
        ([1280, 1280], 16),
        ([1280, 1280], 8),
    ] {
        let shape = shape(1, channels, [side, side]);
        let x = values(shape.inputs * side * side, 1);
        let d = values(shape.outputs * side * side, 2);
        let w = values(shape.outputs * shape.inputs * 9, 3);
        let (mut y, mut gradient) = (d.clone(), x.clone());
        let least = |work: &mut dyn FnMut()| {
            let once = |_| {
                let start = std::time::Instant::now();
                work();
                start.elapsed().as_secs_f64() * 1e3
            };
            (0..8).map(once).fold(f64::MAX, f64::min)
        };
        let threads = ScopedThreads(2);
        let forward = least(&mut || convolution(&threads, shape, &x, &w, &mut y));
        let backward = least(&mut || convolution_by_input(&threads, shape, &d, &w, &mut gradient));
        println!(
            "{channels:?} of {side} x {side}: {forward:.1} ms, gradient by x {backward:.1} ms"
        );
    }
}
