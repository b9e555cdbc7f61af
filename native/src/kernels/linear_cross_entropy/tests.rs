use super::*;
use crate::kernels::testing::{close, each_kind, numbers, same_on_threads, thread_seconds};
use crate::parallel::ScopedThreads;
use half::bf16;

struct Case {
    rows: Vec<f32>,
    table: Vec<bf16>,
    single: Vec<f32>,
    targets: Vec<i64>,
    width: usize,
    outputs: usize,
}

fn case(count: usize, width: usize, outputs: usize) -> Case {
    let table: Vec<bf16> = numbers(outputs * width, 3, 1.0)
        .iter()
        .map(|value| bf16::from_f32(*value))
        .collect();
    Case {
        // All factors are bfloat16, so that rounding them changes nothing in the first pass.
        rows: numbers(count * width, 2, 1.0)
            .iter()
            .map(|value| bf16::from_f32(*value).to_f32())
            .collect(),
        single: table.iter().map(|&half| half.to_f32()).collect(),
        table,
        targets: (0..count)
            .map(|row| ((row * 7919 + 5) % outputs) as i64)
            .collect(),
        width,
        outputs,
    }
}

fn run(
    case: &Case,
    table: Table,
    threads: usize,
    softcap: Option<f32>,
    smoothing: f32,
    rounded: bool,
) -> (Vec<f32>, Vec<f32>) {
    let count = case.targets.len();
    let task = Task {
        rows: &case.rows,
        width: case.width,
        table,
        outputs: case.outputs,
        targets: &case.targets,
        softcap,
        smoothing,
        rounded,
    };
    let mut workspace = vec![f32::NAN; workspace_length(count, case.width, case.outputs)];
    let (mut losses, mut slopes) = (vec![f32::NAN; count], vec![f32::NAN; count * case.width]);
    linear_cross_entropy(
        &ScopedThreads(threads),
        &task,
        &mut workspace,
        &mut losses,
        &mut slopes,
    );
    (losses, slopes)
}

/// Losses and slopes in double precision, straight from the definition.
fn expected(case: &Case, softcap: Option<f64>, smoothing: f64) -> (Vec<f64>, Vec<f64>) {
    let (mut losses, mut slopes) = (vec![], vec![]);
    for (row, &target) in case.rows.chunks_exact(case.width).zip(&case.targets) {
        let raw: Vec<f64> = case
            .single
            .chunks_exact(case.width)
            .map(|line| {
                line.iter()
                    .zip(row)
                    .map(|(a, b)| f64::from(*a) * f64::from(*b))
                    .sum()
            })
            .collect();
        let cap = |value: f64| softcap.map_or(value, |cap| cap * (value / cap).tanh());
        let logits: Vec<f64> = raw.iter().map(|&value| cap(value)).collect();
        let sum: f64 = logits.iter().map(|value| value.exp()).sum();
        let mean = logits.iter().sum::<f64>() / logits.len() as f64;
        losses.push(sum.ln() - (1.0 - smoothing) * logits[target as usize] - smoothing * mean);
        let by_raw: Vec<f64> = logits
            .iter()
            .enumerate()
            .map(|(at, logit)| {
                let hit = if at as i64 == target {
                    1.0 - smoothing
                } else {
                    0.0
                };
                let bent = softcap.map_or(1.0, |cap| 1.0 - (logit / cap).powi(2));
                (logit.exp() / sum - hit - smoothing / logits.len() as f64) * bent
            })
            .collect();
        for place in 0..case.width {
            slopes.push(
                by_raw
                    .iter()
                    .enumerate()
                    .map(|(at, slope)| slope * f64::from(case.single[at * case.width + place]))
                    .sum(),
            );
        }
    }
    (losses, slopes)
}

#[test]
fn is_what_doubles_give() {
    for [count, width, outputs] in [
        [1, 1, 1],
        [3, 5, 7],
        [33, 40, 250],
        [40, 33, 700],
        [70, 600, 31],
        [65, 16, 8300],
    ] {
        for (softcap, smoothing) in [(None, 0.0), (Some(3.0), 0.0), (None, 0.1), (Some(2.0), 0.2)] {
            let case = case(count, width, outputs);
            let (losses, slopes) = expected(&case, softcap, smoothing);
            let (softcap, smoothing) = (softcap.map(|cap| cap as f32), smoothing as f32);
            each_kind(|| {
                for table in [Table::Single(&case.single), Table::Brain(&case.table)] {
                    for rounded in [false, true] {
                        let got = run(&case, table, 1, softcap, smoothing, rounded);
                        same_on_threads(&got, || run(&case, table, 3, softcap, smoothing, rounded));
                        for (got, expected) in got.0.iter().zip(&losses) {
                            close(*got, *expected, 1e-5);
                        }
                        for (got, expected) in got.1.iter().zip(&slopes) {
                            close(*got, *expected, if rounded { 8e-3 } else { 1e-5 });
                        }
                    }
                }
            });
        }
    }
}

#[test]
fn no_rows_are_no_work() {
    let case = case(0, 4, 9);
    assert_eq!(
        run(&case, Table::Single(&case.single), 2, None, 0.0, true),
        (vec![], vec![])
    );
}

#[test]
fn rows_of_no_width_have_even_scores() {
    let case = case(2, 0, 3);
    let (losses, slopes) = run(&case, Table::Single(&[]), 2, None, 0.0, true);
    for loss in losses {
        close(loss, 3f64.ln(), 1e-6);
    }
    assert_eq!(slopes, vec![]);
}

#[test]
fn what_is_not_a_number_stays_in_its_row() {
    each_kind(|| {
        let mut case = case(35, 20, 300);
        case.rows[33 * 20 + 7] = f32::NAN;
        for rounded in [false, true] {
            let (losses, slopes) = run(&case, Table::Single(&case.single), 1, None, 0.0, rounded);
            for (row, loss) in losses.iter().enumerate() {
                assert_eq!(loss.is_nan(), row == 33);
            }
            for (at, slope) in slopes.iter().enumerate() {
                assert_eq!(slope.is_nan(), at / 20 == 33);
            }
        }
    });
}

/// `cargo test --release rates_of_linear_cross_entropy -- --ignored --nocapture`: GFLOP/s of one thread, the best of some.
#[test]
#[ignore = "a measurement"]
fn rates_of_linear_cross_entropy() {
    for [count, width, outputs] in [
        [96, 576, 49152],
        [160, 576, 49152],
        [256, 576, 49152],
        [320, 576, 49152],
        [64, 2048, 128256],
    ] {
        let case = case(count, width, outputs);
        for (name, table, rounded) in [
            ("float32", Table::Single(&case.single), false),
            ("bfloat16", Table::Brain(&case.table), false),
            ("float32, rounded", Table::Single(&case.single), true),
            ("bfloat16, rounded", Table::Brain(&case.table), true),
        ] {
            let task = Task {
                rows: &case.rows,
                width,
                table,
                outputs,
                targets: &case.targets,
                softcap: None,
                smoothing: 0.0,
                rounded,
            };
            let mut workspace = vec![0.0; workspace_length(count, width, outputs)];
            let (mut losses, mut slopes) = (vec![0.0; count], vec![0.0; count * width]);
            let best = (0..6)
                .map(|_| {
                    let started = thread_seconds();
                    linear_cross_entropy(
                        &ScopedThreads(1),
                        &task,
                        &mut workspace,
                        &mut losses,
                        &mut slopes,
                    );
                    thread_seconds() - started
                })
                .fold(f64::MAX, f64::min);
            let flops = 4.0 * (count * width * outputs) as f64;
            println!(
                "{count} x {width} x {outputs} {name}: {:.1} ms {:.1} GFLOP/s",
                best * 1e3,
                flops / best / 1e9
            );
        }
    }
}
