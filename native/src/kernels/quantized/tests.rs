use super::blocks::{Bits, BlockWeight, block_products};
use super::cells::{ASKED, kind, kinds};
use super::products::{ByteTerm, quantized_products};
use super::rows::quantize_rows;
use crate::kernels::products::{Factor, Term};
use crate::kernels::testing::{close, numbers, same_on_threads, thread_seconds};
use crate::parallel::ScopedThreads;

/// Runs a test by every kind of cells that this processor has.
fn each_kind(test: impl Fn()) {
    for kind in kinds() {
        ASKED.set(Some(kind));
        test();
        ASKED.set(None);
    }
}

struct Rounded {
    values: Vec<u8>,
    row_scales: Vec<f32>,
    weight: Vec<i8>,
    scales: Vec<f32>,
}

/// All bytes that there are, the ends among them.
fn bytes(count: usize, seed: u64) -> impl Iterator<Item = u8> {
    numbers(count, seed, 1.0)
        .into_iter()
        .enumerate()
        .map(|(at, x)| match at % 11 {
            0 => 0,
            5 => 255,
            _ => ((x + 1.0) * 127.9) as u8,
        })
}

fn rounded([rows, inner, columns]: [usize; 3], seed: u64) -> Rounded {
    Rounded {
        values: bytes(rows * inner, seed).collect(),
        row_scales: numbers(rows, seed + 1, 0.1),
        weight: bytes(inner * columns, seed + 2)
            .map(|byte| byte as i8)
            .collect(),
        scales: numbers(columns, seed + 3, 0.1),
    }
}

impl Rounded {
    fn term(&self) -> ByteTerm<'_> {
        ByteTerm {
            values: &self.values,
            row_scales: &self.row_scales,
            weight: &self.weight,
            scales: &self.scales,
        }
    }

    /// By plain loops of whole numbers, rounded in the order that the kernel has.
    fn product(&self, columns: usize) -> Vec<f32> {
        let rows = self.row_scales.len();
        let inner = self.values.len() / rows;
        (0..rows * columns)
            .map(|at| {
                let (row, column) = (at / columns, at % columns);
                let sum: i32 = (0..inner)
                    .map(|k| {
                        (i32::from(self.values[row * inner + k]) - 128)
                            * i32::from(self.weight[k * columns + column])
                    })
                    .sum();
                sum as f32 * self.scales[column] * self.row_scales[row]
            })
            .collect()
    }
}

fn run(threads: usize, shape: [usize; 2], bytes: &[ByteTerm], floats: &[Term]) -> Vec<f32> {
    let mut target = vec![f32::NAN; shape[0] * shape[1]];
    quantized_products(&ScopedThreads(threads), shape, bytes, floats, &mut target);
    target
}

#[test]
fn products_of_bytes_are_exact() {
    for [rows, inner, columns] in [
        [1, 1, 1],
        [3, 5, 7],
        [8, 16, 32],
        [9, 6, 33],
        [300, 40, 100],
        [17, 603, 65],
        [5, 2048, 31],
        [2, 0, 3],
    ] {
        let one = rounded([rows, inner, columns], 3);
        let two = rounded([rows, 24, columns], 9);
        let alone = one.product(columns);
        let both: Vec<f32> = alone
            .iter()
            .zip(two.product(columns))
            .map(|(a, b)| a + b)
            .collect();
        each_kind(|| {
            for threads in [1, 3] {
                let shape = [rows, columns];
                assert!(run(threads, shape, &[one.term()], &[]) == alone);
                assert!(run(threads, shape, &[one.term(), two.term()], &[]) == both);
            }
        });
    }
}

#[test]
fn the_largest_sums_there_are_fit() {
    let inner = super::products::LONGEST_INNER;
    for (value, weight) in [(0, -128), (0, 127), (255, -128), (255, 127)] {
        let one = Rounded {
            values: vec![value; inner],
            row_scales: vec![1.0],
            weight: vec![weight; inner],
            scales: vec![1.0],
        };
        let sum = (i64::from(value) - 128) * i64::from(weight) * inner as i64;
        each_kind(|| assert_eq!(run(1, [1, 1], &[one.term()], &[]), [sum as f32]));
    }
}

#[test]
fn plain_products_are_added_in_the_same_pass() {
    for ([rows, inner, columns], transposed) in [
        ([1, 3, 1], [false, false]),
        ([21, 16, 40], [false, true]),
        ([21, 16, 40], [true, false]),
        ([150, 64, 33], [true, true]),
    ] {
        let base = rounded([rows, 31, columns], 4);
        let values = [
            numbers(rows * inner, 5, 1.0),
            numbers(inner * columns, 6, 1.0),
        ];
        let factor = |side: usize, [high, wide]: [usize; 2]| Factor {
            values: &values[side],
            columns: if transposed[side] { high } else { wide },
            transposed: transposed[side],
        };
        let term = Term {
            left: factor(0, [rows, inner]),
            right: factor(1, [inner, columns]),
            inner,
        };
        let element = |factor: &Factor, i: usize, j: usize| {
            let (i, j) = if factor.transposed { (j, i) } else { (i, j) };
            f64::from(factor.values[i * factor.columns + j])
        };
        let alone = base.product(columns);
        each_kind(|| {
            let got = run(1, [rows, columns], &[base.term()], &[term, term]);
            assert!(got == run(3, [rows, columns], &[base.term()], &[term, term]));
            for (at, got) in got.iter().enumerate() {
                let (row, column) = (at / columns, at % columns);
                let sum: f64 = (0..inner)
                    .map(|k| element(&term.left, row, k) * element(&term.right, k, column))
                    .sum();
                close(*got, f64::from(alone[at]) + 2.0 * sum, 4e-5);
            }
        });
    }
}

#[test]
fn rows_are_rounded_by_their_largest_magnitude() {
    for (rows, columns) in [(1, 1), (3, 7), (5, 33), (40, 1000)] {
        let mut x = numbers(rows * columns, 8, 3.0);
        x[..columns].fill(0.0);
        x[rows * columns - 1] = -4.0;
        if columns > 3 {
            // Halves of the scale: 4 / 127 * (k + 1/2) is as near to it as numbers are.
            let scale = 4.0f32 * (1.0 / 127.0);
            x[(rows - 1) * columns + 1] = scale * 2.5;
            x[(rows - 1) * columns + 2] = scale * -3.5;
        }
        let round = |threads| {
            let (mut values, mut scales) = (vec![7u8; rows * columns], vec![f32::NAN; rows]);
            quantize_rows(
                &ScopedThreads(threads),
                columns,
                &x,
                &mut values,
                &mut scales,
            );
            (values, scales)
        };
        crate::kernels::testing::each_kind(|| {
            let (values, scales) = round(1);
            for (row, x) in x.chunks_exact(columns).enumerate() {
                let largest = x.iter().fold(1e-30f32, |a, b| a.max(b.abs()));
                assert_eq!(scales[row], largest * (1.0 / 127.0));
                for (value, x) in values[row * columns..].iter().zip(x) {
                    let expected = (x / scales[row]).round_ties_even() as i32;
                    assert_eq!(i32::from(*value) - 128, expected);
                }
            }
            assert!((values, scales) == round(3));
        });
    }
}

#[test]
fn what_is_not_finite_comes_out() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut x = vec![1.0; 80];
        x[50] = bad;
        let (mut values, mut scales) = (vec![0; 80], vec![0.0; 2]);
        quantize_rows(&ScopedThreads(1), 40, &x, &mut values, &mut scales);
        assert!(scales[0].is_finite() && !scales[1].is_finite());
    }
}

struct Blocks {
    bytes: Vec<u8>,
    bits: Bits,
    shape: [usize; 2],
    block: usize,
    scales: Vec<f32>,
}

fn blocks(bits: Bits, shape: [usize; 2], block: usize) -> Blocks {
    let count = shape[0] * shape[1];
    let count = if bits == Bits::Four {
        count.div_ceil(2)
    } else {
        count
    };
    Blocks {
        bytes: bytes(count, 7).collect(),
        bits,
        shape,
        block,
        scales: numbers(shape[0] * shape[1].div_ceil(block), 9, 0.1),
    }
}

impl Blocks {
    fn weight(&self) -> BlockWeight<'_> {
        BlockWeight {
            bytes: &self.bytes,
            bits: self.bits,
            rows: self.shape[0],
            columns: self.shape[1],
            block: self.block,
            scales: &self.scales,
        }
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        let place = row * self.shape[1] + column;
        let level = match self.bits {
            Bits::Eight => self.bytes[place] as i8,
            Bits::Four => (self.bytes[place / 2] << (4 * (1 - place % 2))) as i8 >> 4,
        };
        let scale = self.scales[row * self.shape[1].div_ceil(self.block) + column / self.block];
        f64::from(f32::from(level) * scale)
    }
}

#[test]
fn products_with_blocks_are_what_doubles_give() {
    for bits in [Bits::Four, Bits::Eight] {
        for (rows, shape, block) in [
            (1, [1, 1], 32),
            (5, [7, 5], 2),
            (9, [40, 70], 32),
            (17, [33, 1200], 32),
            (8, [600, 64], 32),
            (3, [10, 0], 32),
        ] {
            let one = blocks(bits, shape, block);
            for transposed in [false, true] {
                let [columns, inner] = if transposed {
                    [shape[1], shape[0]]
                } else {
                    shape
                };
                let x = numbers(rows * inner, 5, 1.0);
                crate::kernels::testing::each_kind(|| {
                    let run = |threads| {
                        let mut target = vec![f32::NAN; rows * columns];
                        let weight = one.weight();
                        block_products(
                            &ScopedThreads(threads),
                            &x,
                            &weight,
                            transposed,
                            &mut target,
                        );
                        target
                    };
                    let target = run(1);
                    same_on_threads(&target, || run(3));
                    for (at, got) in target.iter().enumerate() {
                        let (row, column) = (at / columns, at % columns);
                        let sum: f64 = (0..inner)
                            .map(|k| {
                                let (i, j) = if transposed { (k, column) } else { (column, k) };
                                f64::from(x[row * inner + k]) * one.at(i, j)
                            })
                            .sum();
                        close(*got, sum, 1e-4);
                    }
                });
            }
        }
    }
}

/// `cargo test --release rates_of_blocks -- --ignored --nocapture`: GFLOP/s of one thread, the best of many.
#[test]
#[ignore = "a measurement"]
fn rates_of_blocks() {
    for (rows, shape) in [
        (1024, [1536, 576]),
        (1024, [576, 1536]),
        (128, [16384, 576]),
    ] {
        for bits in [Bits::Four, Bits::Eight] {
            for transposed in [false, true] {
                let one = blocks(bits, shape, 32);
                let [columns, inner] = if transposed {
                    [shape[1], shape[0]]
                } else {
                    shape
                };
                let x = numbers(rows * inner, 5, 1.0);
                let mut target = vec![0.0; rows * columns];
                let seconds = (0..12)
                    .map(|_| {
                        let started = thread_seconds();
                        block_products(
                            &ScopedThreads(1),
                            &x,
                            &one.weight(),
                            transposed,
                            &mut target,
                        );
                        thread_seconds() - started
                    })
                    .fold(f64::MAX, f64::min);
                println!(
                    "{rows} rows, {shape:?} in {} bits, transposed {transposed}: {:.3} ms {:.0} GFLOP/s",
                    if bits == Bits::Four { 4 } else { 8 },
                    seconds * 1e3,
                    2.0 * (rows * shape[0] * shape[1]) as f64 / seconds / 1e9
                );
            }
        }
    }
}

/// `cargo test --release rates_of_bytes -- --ignored --nocapture`: of one thread, the best of many.
#[test]
#[ignore = "a measurement"]
fn rates_of_bytes() {
    for [rows, inner, columns] in [
        [1024, 576, 1536],
        [1024, 1536, 576],
        [1024, 576, 576],
        [1024, 576, 192],
        [1024, 192, 576],
        [512, 4096, 4096],
    ] {
        let one = rounded([rows, inner, columns], 3);
        let (left, right) = (numbers(rows * 16, 5, 1.0), numbers(16 * columns, 6, 1.0));
        let term = Term {
            left: Factor {
                values: &left,
                columns: 16,
                transposed: false,
            },
            right: Factor {
                values: &right,
                columns: 16,
                transposed: true,
            },
            inner: 16,
        };
        let x = numbers(rows * inner, 5, 1.0);
        let (mut values, mut scales) = (vec![0; rows * inner], vec![0.0; rows]);
        let mut target = vec![0.0; rows * columns];
        let flops = 2.0 * (rows * inner * columns) as f64;
        let best = |work: &mut dyn FnMut()| {
            (0..(2e10 / flops) as usize)
                .map(|_| {
                    let started = thread_seconds();
                    work();
                    thread_seconds() - started
                })
                .fold(f64::MAX, f64::min)
        };
        let rounding = best(&mut || {
            quantize_rows(&ScopedThreads(1), inner, &x, &mut values, &mut scales);
        });
        println!("{rows} x {inner} rounded: {:.3} ms", rounding * 1e3);
        for kind in kinds()
            .into_iter()
            .filter(|kind| *kind != super::cells::Kind::Plain)
        {
            ASKED.set(Some(kind));
            for floats in [&[][..], &[term][..]] {
                let seconds = best(&mut || {
                    let shape = [rows, columns];
                    quantized_products(
                        &ScopedThreads(1),
                        shape,
                        &[one.term()],
                        floats,
                        &mut target,
                    );
                });
                println!(
                    "{rows} x {inner} x {columns} {kind:?}, {} beside: {:.3} ms {:.0} GFLOP/s",
                    floats.len(),
                    seconds * 1e3,
                    flops / seconds / 1e9
                );
            }
        }
        ASKED.set(None);
    }
    println!("best: {:?}", kind());
}
