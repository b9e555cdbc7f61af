use super::*;
use crate::kernels::testing::{close, each_kind, numbers, same_on_threads, thread_seconds};
use crate::parallel::ScopedThreads;

struct Case {
    values: [Vec<f32>; 2],
    transposed: [bool; 2],
    inner: usize,
}

fn case(rows: usize, inner: usize, columns: usize, transposed: [bool; 2]) -> Case {
    let values = [
        numbers(rows * inner, 5, 1.0),
        numbers(inner * columns, 6, 1.0),
    ];
    Case {
        values,
        transposed,
        inner,
    }
}

fn check(rows: usize, columns: usize, cases: &[Case]) {
    let terms: Vec<Term> = cases
        .iter()
        .map(
            |Case {
                 values,
                 transposed,
                 inner,
             }| {
                let factor = |side: usize, [high, wide]: [usize; 2]| Factor {
                    values: &values[side],
                    columns: if transposed[side] { high } else { wide },
                    transposed: transposed[side],
                };
                Term {
                    left: factor(0, [rows, *inner]),
                    right: factor(1, [*inner, columns]),
                    inner: *inner,
                }
            },
        )
        .collect();
    let base = numbers(rows * columns, 7, 3.0);
    each_kind(|| {
        for base in [None, Some(base.as_slice())] {
            let run = |threads| {
                let mut target = vec![f32::NAN; rows * columns];
                products(
                    &ScopedThreads(threads),
                    [rows, columns],
                    base,
                    &terms,
                    &mut target,
                );
                target
            };
            let target = run(1);
            same_on_threads(&target, || run(3));
            for (at, got) in
                target
                    .iter()
                    .enumerate()
                    .step_by(if target.len() > 5000 { 61 } else { 1 })
            {
                let (row, column) = (at / columns, at % columns);
                let element = |factor: &Factor, i: usize, j: usize| {
                    let (i, j) = if factor.transposed { (j, i) } else { (i, j) };
                    f64::from(factor.values[i * factor.columns + j])
                };
                let sum: f64 = terms
                    .iter()
                    .flat_map(|Term { left, right, inner }| {
                        (0..*inner).map(move |k| element(left, row, k) * element(right, k, column))
                    })
                    .sum();
                close(
                    *got,
                    sum + base.map_or(0.0, |base| f64::from(base[at])),
                    4e-5,
                );
            }
        }
    });
}

#[test]
fn products_of_any_size_either_way_are_what_doubles_give() {
    for transposed in [[false, false], [false, true], [true, false], [true, true]] {
        for [rows, inner, columns] in [
            [1, 1, 1],
            [3, 5, 7],
            [8, 16, 32],
            [85, 40, 100],
            [17, 600, 33],
            [70, 19, 16],
            [5, 30, 300],
        ] {
            check(rows, columns, &[case(rows, inner, columns, transposed)]);
        }
    }
}

#[test]
fn sums_of_products_go_over_the_bounds_of_blocks() {
    for [rows, columns] in [[40, 70], [100, 20]] {
        let terms = [
            case(rows, 300, columns, [false, true]),
            case(rows, 16, columns, [false, false]),
            case(rows, 700, columns, [true, false]),
        ];
        check(rows, columns, &terms);
    }
}

#[test]
fn nan_comes_out_where_it_went_in() {
    for [rows, inner, columns] in [[17, 20, 33], [70, 19, 16]] {
        let nan_in = |which: usize, at: usize| {
            let mut one = case(rows, inner, columns, [false, false]);
            one.values[which][at] = f32::NAN;
            let [left, right] = [(0, inner), (1, columns)].map(|(side, columns)| Factor {
                values: &one.values[side],
                columns,
                transposed: false,
            });
            let term = Term { left, right, inner };
            let mut target = vec![7.0; rows * columns];
            products(
                &ScopedThreads(1),
                [rows, columns],
                None,
                &[term],
                &mut target,
            );
            target
        };
        each_kind(|| {
            for place in [0, inner / 2, inner - 1] {
                let (row, column) = (rows - 1, columns - 1);
                for (at, value) in nan_in(0, row * inner + place).iter().enumerate() {
                    assert_eq!(value.is_nan(), at / columns == row);
                }
                for (at, value) in nan_in(1, place * columns + column).iter().enumerate() {
                    assert_eq!(value.is_nan(), at % columns == column);
                }
            }
        });
    }
}

#[test]
fn nothing_to_sum_leaves_the_base() {
    let mut target = [9.0; 6];
    products(&ScopedThreads(1), [2, 3], Some(&[1.0; 6]), &[], &mut target);
    assert_eq!(target, [1.0; 6]);
    products(&ScopedThreads(1), [2, 3], None, &[], &mut target);
    assert_eq!(target, [0.0; 6]);
}

/// `cargo test --release rates_of_cold_products -- --ignored --nocapture`: as below, with right factors that come from memory.
#[test]
#[ignore = "a measurement"]
fn rates_of_cold_products() {
    for ([rows, inner, columns], transposed) in [
        ([1024, 576, 1536], [false, true]),
        ([1024, 1536, 576], [false, false]),
        ([1024, 1536, 576], [false, true]),
        ([1024, 576, 1536], [false, false]),
        ([1024, 576, 576], [false, true]),
        ([1024, 576, 192], [false, true]),
    ] {
        let Case { values, inner, .. } = case(rows, inner, columns, transposed);
        let others = (128 << 20) / (inner * columns * 4);
        let rights: Vec<Vec<f32>> = (0..others).map(|_| values[1].clone()).collect();
        let mut target = vec![0.0; rows * columns];
        let flops = 2.0 * (rows * inner * columns) as f64;
        let times: Vec<f64> = rights
            .iter()
            .map(|right| {
                let factor = |side: usize, values, [high, wide]: [usize; 2]| Factor {
                    values,
                    columns: if transposed[side] { high } else { wide },
                    transposed: transposed[side],
                };
                let term = Term {
                    left: factor(0, values[0].as_slice(), [rows, inner]),
                    right: factor(1, right.as_slice(), [inner, columns]),
                    inner,
                };
                let started = thread_seconds();
                let shape = [rows, columns];
                products(&ScopedThreads(1), shape, None, &[term], &mut target);
                thread_seconds() - started
            })
            .collect();
        let mut sorted = times.clone();
        sorted.sort_by(f64::total_cmp);
        let typical = sorted[sorted.len() / 2];
        println!(
            "{rows} x {inner} x {columns} {transposed:?}: {:.3} ms {:.1} GFLOP/s",
            typical * 1e3,
            flops / typical / 1e9
        );
    }
}

/// `cargo test --release rates_of_products -- --ignored --nocapture`: GFLOP/s of one thread, the best of many.
#[test]
#[ignore = "a measurement"]
fn rates_of_products() {
    for ([rows, inner, columns], transposed) in [
        ([1024, 1536, 1536], [false, false]),
        ([1024, 576, 1536], [false, true]),
        ([1024, 576, 1536], [false, false]),
        ([1024, 1536, 576], [false, true]),
        ([1024, 1536, 576], [false, false]),
        ([1024, 576, 576], [false, true]),
        ([1024, 192, 576], [false, false]),
        ([1024, 576, 192], [false, true]),
        ([85, 576, 49152], [false, true]),
        ([85, 49152, 576], [false, false]),
        ([170, 576, 49152], [false, true]),
        ([170, 49152, 576], [false, false]),
        ([1024, 16, 1536], [false, true]),
        ([1024, 16, 576], [false, false]),
        ([16, 1024, 576], [true, false]),
        ([1536, 1024, 16], [true, false]),
        ([1024, 576, 16], [false, true]),
        ([1024, 1536, 16], [false, false]),
    ] {
        let Case { values, inner, .. } = case(rows, inner, columns, transposed);
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
        let mut target = vec![0.0; rows * columns];
        let flops = 2.0 * (rows * inner * columns) as f64;
        let best = (0..20.max((3e9 / flops) as usize).min(400))
            .map(|_| {
                let started = thread_seconds();
                products(
                    &ScopedThreads(1),
                    [rows, columns],
                    None,
                    &[term],
                    &mut target,
                );
                thread_seconds() - started
            })
            .fold(f64::MAX, f64::min);
        println!(
            "{rows} x {inner} x {columns} {transposed:?}: {:.3} ms {:.1} GFLOP/s",
            best * 1e3,
            flops / best / 1e9
        );
    }
}
