//! Activations and gates, and their gradients: one pass over memory each.

use super::activation::{Activation, Bend, Gelu, GeluTanh, Silu};
use super::lanes::Lanes;
use crate::parallel::{Disjoint, Parallel};
use crate::with_lanes;

/// Numbers of a part of the work.
const PART: usize = 1 << 14;

/// y = activation(x)
pub fn activate(parallel: &dyn Parallel, activation: Activation, x: &[f32], y: &mut [f32]) {
    each_part(parallel, [x, x, x], [y], activation, Rule::Value);
}

/// The gradient of activation(x) by x.
pub fn activation_gradient(
    parallel: &dyn Parallel,
    activation: Activation,
    [x, gradient]: [&[f32]; 2],
    by_x: &mut [f32],
) {
    each_part(
        parallel,
        [x, gradient, gradient],
        [by_x],
        activation,
        Rule::Gradient,
    );
}

/// y = activation(gate) up
pub fn gated(
    parallel: &dyn Parallel,
    activation: Activation,
    [gate, up]: [&[f32]; 2],
    y: &mut [f32],
) {
    each_part(parallel, [gate, up, up], [y], activation, Rule::Gated);
}

/// The gradients of `gated` by gate and up, given that of its result.
pub fn gated_gradient(
    parallel: &dyn Parallel,
    activation: Activation,
    [gate, up, gradient]: [&[f32]; 3],
    [by_gate, by_up]: [&mut [f32]; 2],
) {
    each_part(
        parallel,
        [gate, up, gradient],
        [by_gate, by_up],
        activation,
        Rule::GatedGradient,
    );
}

/// Cuts all slices into the same parts and runs the rule on each.
fn each_part<const OUTPUTS: usize>(
    parallel: &dyn Parallel,
    inputs: [&[f32]; 3],
    outputs: [&mut [f32]; OUTPUTS],
    activation: Activation,
    rule: Rule,
) {
    let total = inputs[0].len();
    assert!(inputs.iter().all(|input| input.len() == total));
    assert!(outputs.iter().all(|output| output.len() == total));
    let outputs = outputs.map(Disjoint::new);
    parallel.for_each(total.div_ceil(PART), &|at| {
        let range = at * PART..total.min((at + 1) * PART);
        let from = inputs.map(|input| input[range.clone()].as_ptr());
        // SAFETY: each part is asked for once, and parts of different numbers do not overlap.
        let to = outputs
            .each_ref()
            .map(|output| unsafe { output.pointer(range.clone()) });
        let to = [to[0], to[OUTPUTS - 1]];
        let count = range.len();
        with_lanes!(run(rule: Rule, activation: Activation, from: [*const f32; 3], to: [*mut f32; 2], count: usize));
    });
}

#[derive(Clone, Copy)]
enum Rule {
    Value,
    Gradient,
    Gated,
    GatedGradient,
}

#[inline(always)]
unsafe fn run<L: Lanes>(
    rule: Rule,
    activation: Activation,
    from: [*const f32; 3],
    to: [*mut f32; 2],
    count: usize,
) {
    unsafe {
        match activation {
            Activation::Silu { alpha } => by_rule::<L, Silu>(rule, Silu(alpha), from, to, count),
            Activation::Gelu => by_rule::<L, Gelu>(rule, Gelu, from, to, count),
            Activation::GeluTanh => by_rule::<L, GeluTanh>(rule, GeluTanh, from, to, count),
        }
    }
}

#[inline(always)]
unsafe fn by_rule<L: Lanes, B: Bend>(
    rule: Rule,
    bend: B,
    from: [*const f32; 3],
    to: [*mut f32; 2],
    count: usize,
) {
    unsafe {
        match rule {
            Rule::Value => each_vector::<L, B, Value>(bend, from, to, count),
            Rule::Gradient => each_vector::<L, B, Gradient>(bend, from, to, count),
            Rule::Gated => each_vector::<L, B, Gate>(bend, from, to, count),
            Rule::GatedGradient => each_vector::<L, B, GateGradient>(bend, from, to, count),
        }
    }
}

/// What is made of the numbers at one place of three inputs; twice the same where there is one result. A type rather than a closure, which
/// would not be compiled with a vector's instructions.
trait Made {
    unsafe fn of<L: Lanes, B: Bend>(bend: B, inputs: [L::Vector; 3]) -> [L::Vector; 2];
}

struct Value;
struct Gradient;
struct Gate;
struct GateGradient;

impl Made for Value {
    #[inline(always)]
    unsafe fn of<L: Lanes, B: Bend>(bend: B, [x, _, _]: [L::Vector; 3]) -> [L::Vector; 2] {
        let (value, _) = unsafe { bend.value_and_slope::<L>(x) };
        [value, value]
    }
}

impl Made for Gradient {
    #[inline(always)]
    unsafe fn of<L: Lanes, B: Bend>(bend: B, [x, gradient, _]: [L::Vector; 3]) -> [L::Vector; 2] {
        unsafe {
            let (_, slope) = bend.value_and_slope::<L>(x);
            let by_x = L::mul(gradient, slope);
            [by_x, by_x]
        }
    }
}

impl Made for Gate {
    #[inline(always)]
    unsafe fn of<L: Lanes, B: Bend>(bend: B, [gate, up, _]: [L::Vector; 3]) -> [L::Vector; 2] {
        unsafe {
            let (value, _) = bend.value_and_slope::<L>(gate);
            let y = L::mul(value, up);
            [y, y]
        }
    }
}

impl Made for GateGradient {
    #[inline(always)]
    unsafe fn of<L: Lanes, B: Bend>(
        bend: B,
        [gate, up, gradient]: [L::Vector; 3],
    ) -> [L::Vector; 2] {
        unsafe {
            let (value, slope) = bend.value_and_slope::<L>(gate);
            [L::mul(L::mul(gradient, up), slope), L::mul(gradient, value)]
        }
    }
}

/// Three inputs, a vector at a time. Where both results are the same, so are the places they are written to.
#[inline(always)]
unsafe fn each_vector<L: Lanes, B: Bend, M: Made>(
    bend: B,
    [a, b, c]: [*const f32; 3],
    to: [*mut f32; 2],
    count: usize,
) {
    unsafe {
        let whole = count - count % L::WIDTH;
        for at in (0..whole).step_by(L::WIDTH) {
            let inputs = [L::load(a.add(at)), L::load(b.add(at)), L::load(c.add(at))];
            let [first, second] = M::of::<L, B>(bend, inputs);
            L::store(to[0].add(at), first);
            L::store(to[1].add(at), second);
        }
        let rest = count - whole;
        if rest > 0 {
            let inputs = [
                L::load_first(a.add(whole), rest),
                L::load_first(b.add(whole), rest),
                L::load_first(c.add(whole), rest),
            ];
            let [first, second] = M::of::<L, B>(bend, inputs);
            L::store_first(to[0].add(whole), first, rest);
            L::store_first(to[1].add(whole), second, rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{close, each_kind, numbers, same_on_threads, thread_seconds};
    use crate::parallel::ScopedThreads;

    const ACTIVATIONS: [Activation; 4] = [
        Activation::Silu { alpha: 1.0 },
        Activation::Silu { alpha: 1.702 },
        Activation::Gelu,
        Activation::GeluTanh,
    ];

    /// erf by its series, which at these arguments converges before its terms cancel.
    fn erf(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    }

    fn value(activation: Activation, x: f64) -> f64 {
        match activation {
            Activation::Silu { alpha } => x / (1.0 + (-f64::from(alpha) * x).exp()),
            Activation::Gelu => x * (1.0 + erf(x / 2f64.sqrt())) / 2.0,
            Activation::GeluTanh => {
                let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
                x * (1.0 + inner.tanh()) / 2.0
            }
        }
    }

    fn slope(activation: Activation, x: f64) -> f64 {
        (value(activation, x + 1e-5) - value(activation, x - 1e-5)) / 2e-5
    }

    #[test]
    fn each_rule_is_what_doubles_give_on_any_number_of_threads() {
        let count = PART * 2 + 37;
        let [gate, up, gradient] = [1, 2, 3].map(|seed| numbers(count, seed, 3.0));
        each_kind(|| {
            for activation in ACTIVATIONS {
                let run = |threads| {
                    let threads = ScopedThreads(threads);
                    let mut out = [(); 5].map(|()| vec![0.0; count]);
                    let [y, by_gate, by_up, value, by_x] = &mut out;
                    activate(&threads, activation, &gate, value);
                    gated(&threads, activation, [&gate, &up], y);
                    gated_gradient(
                        &threads,
                        activation,
                        [&gate, &up, &gradient],
                        [by_gate, by_up],
                    );
                    activation_gradient(&threads, activation, [&gate, &gradient], by_x);
                    out
                };
                let out = run(1);
                same_on_threads(&out, || run(3));
                for at in (0..count).step_by(7) {
                    let [x, u, d] = [gate[at], up[at], gradient[at]].map(f64::from);
                    let (a, s) = (value(activation, x), slope(activation, x));
                    let expected = [a * u, d * u * s, d * a, a, d * s];
                    for (got, expected) in out.iter().zip(expected) {
                        close(got[at], expected, 3e-6);
                    }
                }
            }
        });
    }

    #[test]
    fn far_from_zero_nothing_overflows() {
        let x = [-1e4f32, -200.0, -30.0, 0.0, 30.0, 200.0, 1e4];
        each_kind(|| {
            for activation in ACTIVATIONS {
                let (mut y, mut by_x) = (vec![1.0; 7], vec![1.0; 7]);
                gated(&ScopedThreads(1), activation, [&x, &[1.0; 7]], &mut y);
                activation_gradient(&ScopedThreads(1), activation, [&x, &[1.0; 7]], &mut by_x);
                for at in 0..7 {
                    close(y[at], f64::from(x[at].max(0.0)), 1e-6);
                    let steep = if x[at] == 0.0 {
                        0.5
                    } else {
                        f64::from(x[at] > 0.0)
                    };
                    close(by_x[at], steep, 1e-6);
                }
            }
        });
    }

    #[test]
    fn nan_comes_out_where_it_went_in() {
        each_kind(|| {
            for activation in ACTIVATIONS {
                let mut x = [0.5f32; 19];
                x[3] = f32::NAN;
                x[17] = f32::NAN;
                let [mut y, mut by_x] = [[0.0; 19]; 2];
                activate(&ScopedThreads(1), activation, &x, &mut y);
                activation_gradient(&ScopedThreads(1), activation, [&x, &[1.0; 19]], &mut by_x);
                for at in 0..19 {
                    assert!(
                        y[at].is_nan() == x[at].is_nan() && by_x[at].is_nan() == x[at].is_nan()
                    );
                }
            }
        });
    }

    #[test]
    #[ignore = "a measurement"]
    fn rates_of_gates() {
        const COUNT: usize = 1024 * 1536;
        let [gate, up, gradient] = [1, 2, 3].map(|seed| numbers(COUNT, seed, 3.0));
        let [mut first, mut second] = [(); 2].map(|()| vec![0.0; COUNT]);
        let alone = ScopedThreads(1);
        let best = |run: &mut dyn FnMut()| {
            (0..30)
                .map(|_| {
                    let start = thread_seconds();
                    run();
                    thread_seconds() - start
                })
                .fold(f64::INFINITY, f64::min)
        };
        for activation in ACTIVATIONS {
            let value = best(&mut || activate(&alone, activation, &gate, &mut first));
            let forward = best(&mut || gated(&alone, activation, [&gate, &up], &mut first));
            let backward = best(&mut || {
                let to = [&mut first[..], &mut second[..]];
                gated_gradient(&alone, activation, [&gate, &up, &gradient], to);
            });
            let rate = |arrays: f64, seconds: f64| arrays * 4e-9 * COUNT as f64 / seconds;
            println!(
                "{activation:?}: {:.1}, {:.1}, {:.1} GB/s",
                rate(2.0, value),
                rate(3.0, forward),
                rate(5.0, backward)
            );
        }
    }
}
