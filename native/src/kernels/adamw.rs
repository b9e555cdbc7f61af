//! A step of AdamW over vectors, in place and in one pass over memory.

use super::lanes::Lanes;
use crate::with_lanes;

/// What a step is made with, rounded to f32 as the scalars of main/engine/optim/adamw.ts are.
#[derive(Clone, Copy)]
pub struct Step {
    pub beta1: f32,
    /// 1 - beta1, rounded once
    pub rest1: f32,
    pub beta2: f32,
    pub rest2: f32,
    pub epsilon: f32,
    /// 1 - beta1^t and 1 - beta2^t
    pub correction1: f32,
    pub correction2: f32,
    /// What clipping multiplies the gradient by
    pub gradient_scale: f32,
    pub learning_rate: f32,
    /// What decay multiplies parameters by
    pub decay: f32,
}

/// What is trained, and its moments.
pub struct State<'a> {
    pub parameters: &'a mut [f32],
    pub first: &'a mut [f32],
    pub second: &'a mut [f32],
}

/// On the calling thread, which alone takes what memory gives. Every operation in the order of main/engine/optim/adamw.ts and rounded by itself,
/// so that the bits are the same.
pub fn adamw(step: &Step, state: State, gradient: &[f32]) {
    let State {
        parameters,
        first,
        second,
    } = state;
    assert!([parameters.len(), first.len(), second.len()] == [gradient.len(); 3]);
    with_lanes!(run(step: &Step, parameters: &mut [f32], first: &mut [f32], second: &mut [f32], gradient: &[f32]));
}

/// Plain Rust, which is compiled to vectors where it is called.
#[inline(always)]
unsafe fn run<L: Lanes>(
    step: &Step,
    parameters: &mut [f32],
    first: &mut [f32],
    second: &mut [f32],
    gradient: &[f32],
) {
    let rate = step.learning_rate / step.correction1;
    let root = step.correction2.sqrt();
    let rows = parameters.iter_mut().zip(first).zip(second).zip(gradient);
    for (((parameter, first), second), gradient) in rows {
        let clipped = gradient * step.gradient_scale;
        *first = *first * step.beta1 + clipped * step.rest1;
        *second = *second * step.beta2 + clipped * clipped * step.rest2;
        let denominator = second.sqrt() / root + step.epsilon;
        *parameter = *parameter * step.decay - *first * rate / denominator;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{close, each_kind, numbers, thread_seconds};

    const STEP: Step = Step {
        beta1: 0.9,
        rest1: 0.1,
        beta2: 0.999,
        rest2: 0.001,
        epsilon: 1e-8,
        correction1: 0.271,
        correction2: 0.002_997,
        gradient_scale: 0.7,
        learning_rate: 2e-3,
        decay: 0.9998,
    };

    #[test]
    fn a_step_is_what_doubles_give() {
        let count = 1037;
        let given = [(1, 1.0), (2, 0.1), (3, 0.01), (4, 0.5)]
            .map(|(seed, size)| numbers(count, seed, size));
        each_kind(|| {
            let [mut parameters, mut first, second, gradient] = given.clone();
            let mut second: Vec<f32> = second.iter().map(|value| value.abs()).collect();
            let state = State {
                parameters: &mut parameters,
                first: &mut first,
                second: &mut second,
            };
            adamw(&STEP, state, &gradient);
            let out = [parameters, first, second];
            for at in 0..count {
                let [p, m, v, d] = given.each_ref().map(|vector| f64::from(vector[at]));
                let of = |value: f32| f64::from(value);
                let d = d * of(STEP.gradient_scale);
                let m = m * of(STEP.beta1) + d * of(STEP.rest1);
                let v = v.abs() * of(STEP.beta2) + d * d * of(STEP.rest2);
                let root = (v / of(STEP.correction2)).sqrt() + of(STEP.epsilon);
                let change = of(STEP.learning_rate) * m / of(STEP.correction1) / root;
                let expected = [p * of(STEP.decay) - change, m, v];
                for (got, expected) in out.iter().zip(expected) {
                    close(got[at], expected, 3e-7);
                }
            }
        });
    }

    #[test]
    #[ignore = "a measurement"]
    fn rates_of_steps() {
        const COUNT: usize = 4_884_480;
        let [mut parameters, mut first, gradient] = [1, 2, 3].map(|seed| numbers(COUNT, seed, 0.1));
        let mut second = vec![0.1; COUNT];
        let best = (0..20)
            .map(|_| {
                let start = thread_seconds();
                let state = State {
                    parameters: &mut parameters,
                    first: &mut first,
                    second: &mut second,
                };
                adamw(&STEP, state, &gradient);
                thread_seconds() - start
            })
            .fold(f64::INFINITY, f64::min);
        println!(
            "{:.1} ms, {:.1} GB/s",
            best * 1e3,
            28e-9 * COUNT as f64 / best
        );
    }
}
