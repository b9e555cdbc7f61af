use super::*;
use crate::kernels::lanes::{ASKED, Kind, kind};
use crate::parallel::ScopedThreads;

struct Case {
    shape: Shape,
    softcap: Option<f32>,
    causal_tile: Option<usize>,
    bias: Option<Vec<f32>>,
}

fn draw(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state >> 40) as f32 / (1u64 << 24) as f32 - 0.5) * 2.0
        })
        .collect()
}

fn shape(
    batch: usize,
    heads: usize,
    key_value_heads: usize,
    queries: usize,
    keys: usize,
    width: usize,
) -> Shape {
    Shape {
        batch,
        heads,
        key_value_heads,
        queries,
        keys,
        width,
    }
}

fn causal(shape: &Shape) -> Vec<f32> {
    (0..shape.of_bias())
        .map(|at| {
            let (query, key) = (at / shape.keys % shape.queries, at % shape.keys);
            if key + shape.queries > query + shape.keys {
                -1e30
            } else {
                0.0
            }
        })
        .collect()
}

/// Output and gradients, term by term, in f64.
fn naive(attended: &Attended, gradient: &[f32]) -> [Vec<f64>; 4] {
    let Shape {
        batch,
        heads,
        key_value_heads,
        queries,
        keys,
        width,
    } = attended.shape;
    let mut output = vec![0.0; attended.q.len()];
    let mut by_q = vec![0.0; attended.q.len()];
    let mut by_k = vec![0.0; attended.k.len()];
    let mut by_v = vec![0.0; attended.k.len()];
    for at in 0..batch * heads * queries {
        let (item, head, query) = (at / queries / heads, at / queries % heads, at % queries);
        let shared = item * key_value_heads + head / (heads / key_value_heads);
        let limit = attended.limit(query);
        let row = |x: &[f32], row: usize| {
            x[row * width..(row + 1) * width]
                .iter()
                .map(|&x| x as f64)
                .collect::<Vec<_>>()
        };
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let (q, outward) = (row(attended.q, at), row(gradient, at));
        let mut slopes = vec![1.0; limit];
        let scores: Vec<f64> = (0..limit)
            .map(|key| {
                let score = attended.scale as f64 * dot(&q, &row(attended.k, shared * keys + key));
                let capped = match attended.softcap {
                    None => score,
                    Some(cap) => {
                        let bounded = (score / cap as f64).tanh();
                        slopes[key] = 1.0 - bounded * bounded;
                        cap as f64 * bounded
                    }
                };
                let bias = attended.bias.map_or(0.0, |bias| {
                    bias[(item * queries + query) * keys + key].max(-1e37)
                }) as f64;
                capped + bias
            })
            .collect();
        let most = scores.iter().copied().fold(f64::MIN, f64::max);
        // As f32 has it: a masked score is the mask.
        let powers: Vec<f64> = scores
            .iter()
            .map(|&score| {
                if score < -1e29 && most < -1e29 {
                    1.0
                } else {
                    (score - most).exp()
                }
            })
            .collect();
        let total: f64 = powers.iter().sum();
        let weights: Vec<f64> = powers.iter().map(|power| power / total).collect();
        let outwards: Vec<f64> = (0..limit)
            .map(|key| dot(&outward, &row(attended.v, shared * keys + key)))
            .collect();
        let centre = dot(&weights, &outwards);
        for key in 0..limit {
            let by_score =
                weights[key] * (outwards[key] - centre) * slopes[key] * attended.scale as f64;
            for column in 0..width {
                let (here, there) = (at * width + column, (shared * keys + key) * width + column);
                output[here] += weights[key] * attended.v[there] as f64;
                by_q[here] += by_score * attended.k[there] as f64;
                by_k[there] += by_score * q[column];
                by_v[there] += weights[key] * outward[column];
            }
        }
    }
    [output, by_q, by_k, by_v]
}

fn farthest(name: &str, actual: &[f32], expected: &[f64]) {
    let size = expected.iter().fold(0.1f64, |most, x| most.max(x.abs()));
    for (at, (&actual, &expected)) in actual.iter().zip(expected).enumerate() {
        let error = (actual as f64 - expected).abs() / size;
        assert!(
            error < 3e-6,
            "{name}[{at}] is {actual}, not {expected}: {error:e}"
        );
    }
}

fn check(case: &Case) {
    let shape = case.shape;
    let (q, k, v) = (
        draw(shape.of_queries(), 1),
        draw(shape.of_keys(), 2),
        draw(shape.of_keys(), 3),
    );
    let gradient = draw(shape.of_queries(), 4);
    let attended = Attended {
        shape,
        q: &q,
        k: &k,
        v: &v,
        bias: case.bias.as_deref(),
        scale: 0.4,
        softcap: case.softcap,
        causal_tile: case.causal_tile,
    };
    let [output, by_q, by_k, by_v] = naive(&attended, &gradient);
    let mut actual = vec![7.0; output.len()];
    attention(&attended, &mut actual, &ScopedThreads(1));
    farthest("output", &actual, &output);
    for kept in [Some(actual.as_slice()), None] {
        let mut results = [vec![7.0; q.len()], vec![7.0; k.len()], vec![7.0; k.len()]];
        let [q, k, v] = &mut results;
        let into = Gradients {
            by_q: q,
            by_k: k,
            by_v: v,
        };
        attention_gradient(&attended, kept, &gradient, into, &ScopedThreads(1));
        farthest("by q", &results[0], &by_q);
        farthest("by k", &results[1], &by_k);
        farthest("by v", &results[2], &by_v);
    }
}

fn with_every_kind(work: impl Fn()) {
    ASKED.set(None);
    let best = kind();
    let kinds = [Kind::Plain, Kind::Avx2, Kind::Avx512];
    let has = kinds.iter().position(|&kind| kind == best).unwrap_or(0);
    for kind in &kinds[..=has] {
        ASKED.set(Some(*kind));
        work();
    }
    ASKED.set(None);
}

#[test]
fn any_shape() {
    with_every_kind(|| {
        for shape in [
            shape(1, 1, 1, 1, 1, 1),
            shape(2, 4, 2, 5, 8, 3),
            shape(1, 2, 1, 33, 97, 40),
            shape(2, 3, 3, 64, 77, 64),
            shape(1, 6, 2, 197, 197, 16),
            shape(1, 1, 1, 20, 300, 161),
            shape(1, 2, 2, 7, 1, 8),
        ] {
            check(&Case {
                shape,
                softcap: None,
                causal_tile: None,
                bias: None,
            });
        }
    });
}

#[test]
fn causal_with_past() {
    with_every_kind(|| {
        for (queries, keys) in [(5, 12), (130, 130), (64, 200), (200, 200)] {
            let shape = shape(2, 2, 1, queries, keys, 12);
            for causal_tile in [None, Some(64), Some(2)] {
                check(&Case {
                    shape,
                    softcap: None,
                    causal_tile,
                    bias: Some(causal(&shape)),
                });
            }
        }
    });
}

#[test]
fn bias_and_cap() {
    with_every_kind(|| {
        let shape = shape(2, 4, 2, 70, 110, 24);
        let dense = draw(shape.of_bias(), 9);
        check(&Case {
            shape,
            softcap: Some(0.7),
            causal_tile: None,
            bias: Some(dense.clone()),
        });
        let both = dense
            .iter()
            .zip(causal(&shape))
            .map(|(a, b)| a + b)
            .collect();
        check(&Case {
            shape,
            softcap: Some(30.0),
            causal_tile: Some(256),
            bias: Some(both),
        });
    });
}

/// Texts beside each other, the first of which is padding that sees nothing.
#[test]
fn rows_that_see_nothing() {
    with_every_kind(|| {
        for none in [-1e30, f32::MIN, f32::NEG_INFINITY] {
            let shape = shape(1, 2, 1, 300, 300, 8);
            let bias = (0..shape.of_bias())
                .map(|at| {
                    let (query, key) = (at / shape.keys, at % shape.keys);
                    if query >= 150 && key >= 150 && key <= query {
                        0.0
                    } else {
                        none
                    }
                })
                .collect();
            check(&Case {
                shape,
                softcap: None,
                causal_tile: Some(64),
                bias: Some(bias),
            });
        }
    });
}

fn attended_by<'a>(shape: Shape, [q, k, v]: [&'a [f32]; 3]) -> Attended<'a> {
    Attended {
        shape,
        q,
        k,
        v,
        bias: None,
        scale: 0.4,
        softcap: None,
        causal_tile: None,
    }
}

#[test]
fn a_score_of_minus_infinity_weighs_nothing() {
    with_every_kind(|| {
        let (shape, width) = (shape(1, 1, 1, 5, 130, 8), 8);
        for lost in [0, 100, 129] {
            let q = vec![0.5; shape.of_queries()];
            let (mut k, mut v) = (draw(shape.of_keys(), 2), draw(shape.of_keys(), 3));
            let mut output = vec![7.0; q.len()];
            k[lost * width..][..width].fill(f32::NEG_INFINITY);
            attention(
                &attended_by(shape, [&q, &k, &v]),
                &mut output,
                &ScopedThreads(1),
            );
            for all in [&mut k, &mut v] {
                all.drain(lost * width..(lost + 1) * width);
            }
            let fewer = Shape { keys: 129, ..shape };
            let without = attended_by(fewer, [&q, &k, &v]);
            let [expected, ..] = naive(&without, &vec![0.0; q.len()]);
            farthest("output", &output, &expected);
        }
    });
}

/// Whatever a number of the result is computed from is NaN: so is it, and nothing else.
#[test]
fn nan_comes_out_where_it_went_in() {
    with_every_kind(|| {
        let (shape, width) = (shape(1, 1, 1, 37, 200, 8), 8);
        for [query, key, column] in [[0, 0, 0], [20, 95, 3], [33, 96, 7], [36, 199, 5]] {
            let nan_in = |which: usize, at: usize| {
                let lengths = [shape.of_queries(), shape.of_keys(), shape.of_keys()];
                let mut all = [0, 1, 2].map(|of| draw(lengths[of], of as u64 + 1));
                all[which][at] = f32::NAN;
                let [q, k, v] = &all;
                let attended = attended_by(shape, [q, k, v]);
                let mut output = vec![7.0; q.len()];
                attention(&attended, &mut output, &ScopedThreads(1));
                let gradient = draw(q.len(), 4);
                let [mut by_q, mut by_k, mut by_v] =
                    [vec![7.0; q.len()], vec![7.0; k.len()], vec![7.0; k.len()]];
                let into = Gradients {
                    by_q: &mut by_q,
                    by_k: &mut by_k,
                    by_v: &mut by_v,
                };
                attention_gradient(&attended, Some(&output), &gradient, into, &ScopedThreads(1));
                let is_nan = |all: &[f32]| all.iter().map(|x| x.is_nan()).collect::<Vec<_>>();
                [output, by_q, by_k, by_v].map(|all| is_nan(&all))
            };
            let [output, by_q, by_k, by_v] = nan_in(0, query * width + column);
            for (at, is) in output.iter().enumerate() {
                assert_eq!(*is, at / width == query, "output by q at {at}");
                assert_eq!(by_q[at], *is, "the gradient by q at {at}");
            }
            assert!(by_k.iter().chain(&by_v).all(|is| *is));
            let all = nan_in(1, key * width + column);
            assert!(all.iter().flatten().all(|is| *is), "by a key");
            let [output, by_q, by_k, by_v] = nan_in(2, key * width + column);
            for (at, is) in output.iter().enumerate() {
                assert_eq!(*is, at % width == column, "output by a value at {at}");
            }
            assert!(by_q.iter().chain(&by_k).all(|is| *is));
            assert!(!by_v.iter().any(|is| *is));
        }
    });
}

#[test]
fn nothing_at_all() {
    for (queries, keys) in [(0, 3), (3, 0), (0, 0)] {
        check(&Case {
            shape: shape(1, 2, 1, queries, keys, 4),
            softcap: None,
            causal_tile: None,
            bias: None,
        });
    }
    check(&Case {
        shape: shape(0, 2, 1, 3, 3, 4),
        softcap: None,
        causal_tile: None,
        bias: None,
    });
}

#[test]
fn threads_change_nothing() {
    let shape = shape(1, 2, 1, 300, 300, 16);
    let (q, k, v) = (
        draw(shape.of_queries(), 1),
        draw(shape.of_keys(), 2),
        draw(shape.of_keys(), 3),
    );
    let bias = causal(&shape);
    let attended = Attended {
        shape,
        q: &q,
        k: &k,
        v: &v,
        bias: Some(&bias),
        scale: 0.3,
        softcap: None,
        causal_tile: None,
    };
    let run = |threads: usize| {
        let mut all = [
            vec![0.0; q.len()],
            vec![0.0; q.len()],
            vec![0.0; k.len()],
            vec![0.0; k.len()],
        ];
        let [output, by_q, by_k, by_v] = &mut all;
        attention(&attended, output, &ScopedThreads(threads));
        attention_gradient(
            &attended,
            Some(output),
            &q,
            Gradients { by_q, by_k, by_v },
            &ScopedThreads(threads),
        );
        all
    };
    let one = run(1);
    for threads in [2, 3, 7] {
        assert!(run(threads) == one, "{threads} threads");
    }
}

/// `cargo test --release attention_times -- --ignored --nocapture`
#[test]
#[ignore]
fn attention_times() {
    let asked = std::env::var("LANES").ok();
    ASKED.set(match asked.as_deref() {
        Some("avx2") => Some(Kind::Avx2),
        Some("plain") => Some(Kind::Plain),
        _ => None,
    });
    let threads = ScopedThreads(1);
    // Processor time, which other work beside this moves least.
    let now = || {
        let line = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        line.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
    };
    for (name, shape, masked) in [
        (
            "4096 places, 8 heads of 40",
            shape(1, 8, 8, 4096, 4096, 40),
            false,
        ),
        (
            "1024 places, 8 heads of 80",
            shape(1, 8, 8, 1024, 1024, 80),
            false,
        ),
        (
            "256 places, 8 heads of 160",
            shape(1, 8, 8, 256, 256, 160),
            false,
        ),
        (
            "4096 places, 77 tokens, 8 heads of 40",
            shape(1, 8, 8, 4096, 77, 40),
            false,
        ),
        (
            "SmolLM2, 4 x 256, 9 heads (3) of 64",
            shape(4, 9, 3, 256, 256, 64),
            true,
        ),
        ("the same, 1 x 2048", shape(1, 9, 3, 2048, 2048, 64), true),
        (
            "CLIP, 8 x 197, 12 heads of 64",
            shape(8, 12, 12, 197, 197, 64),
            false,
        ),
        (
            "CLIP's last layer, 8 x 1 of 197",
            shape(8, 12, 12, 1, 197, 64),
            false,
        ),
    ] {
        let (q, k, v) = (
            draw(shape.of_queries(), 1),
            draw(shape.of_keys(), 2),
            draw(shape.of_keys(), 3),
        );
        let bias = causal(&shape);
        let attended = Attended {
            shape,
            q: &q,
            k: &k,
            v: &v,
            bias: masked.then_some(bias.as_slice()),
            scale: 0.125,
            softcap: None,
            causal_tile: None,
        };
        let mut output = vec![0.0; q.len()];
        let (mut by_q, mut by_k, mut by_v) =
            (vec![0.0; q.len()], vec![0.0; k.len()], vec![0.0; k.len()]);
        let time = |work: &mut dyn FnMut()| {
            let mut best = f64::MAX;
            let begin = std::time::Instant::now();
            while begin.elapsed().as_secs_f64() < 1.0 {
                let start = now();
                work();
                best = best.min(now() - start);
            }
            best
        };
        let forward = time(&mut || attention(&attended, &mut output, &threads));
        let kept = output.clone();
        let mut backward = [0.0; 2];
        for (at, kept) in [Some(kept.as_slice()), None].into_iter().enumerate() {
            backward[at] = time(&mut || {
                let into = Gradients {
                    by_q: &mut by_q,
                    by_k: &mut by_k,
                    by_v: &mut by_v,
                };
                attention_gradient(&attended, kept, &q, into, &threads)
            });
        }
        let product = 2.0 * (shape.of_queries() * shape.keys) as f64 / 1e9;
        println!(
            "{name}: forward {:.2} ms ({:.0} GFLOP/s), backward {:.2} ms ({:.0}), without the output {:.2} ms",
            forward * 1e3,
            2.0 * product / forward,
            backward[0] * 1e3,
            5.0 * product / backward[0],
            backward[1] * 1e3
        );
    }
}
