use crate::kernels::adamw::{State, Step, adamw};
use napi::bindgen_prelude::*;
use napi_derive::napi;

/// What a step is made with, as `stepNumbers` in main/engine/train/step/update-scalars.ts gives it.
#[napi(object)]
pub struct AdamWStep {
    pub beta1: f64,
    pub beta2: f64,
    pub epsilon: f64,
    pub correction1: f64,
    pub correction2: f64,
    pub gradient_scale: f64,
    pub learning_rate: f64,
    pub decay: f64,
}

/// A step of AdamW on `parameters` and their moments, in place, on the calling thread. The arrays must not overlap; a wrong length is an error.
#[napi(js_name = "adamW", catch_unwind)]
pub fn adamw_in_place(
    mut parameters: Float32ArraySlice,
    mut first_moment: Float32ArraySlice,
    mut second_moment: Float32ArraySlice,
    gradient: Float32ArraySlice,
    step: AdamWStep,
) -> Result<()> {
    if [parameters.len(), first_moment.len(), second_moment.len()] != [gradient.len(); 3] {
        return Err(Error::from_reason(format!(
            "{} parameters, moments of {} and {} numbers and a gradient of {}",
            parameters.len(),
            first_moment.len(),
            second_moment.len(),
            gradient.len()
        )));
    }
    let numbers = Step {
        beta1: step.beta1 as f32,
        rest1: (1.0 - step.beta1) as f32,
        beta2: step.beta2 as f32,
        rest2: (1.0 - step.beta2) as f32,
        epsilon: step.epsilon as f32,
        correction1: step.correction1 as f32,
        correction2: step.correction2 as f32,
        gradient_scale: step.gradient_scale as f32,
        learning_rate: step.learning_rate as f32,
        decay: step.decay as f32,
    };
    // SAFETY: JavaScript waits for this call, and the caller passes arrays that do not overlap.
    let state = unsafe {
        State {
            parameters: parameters.as_mut(),
            first: first_moment.as_mut(),
            second: second_moment.as_mut(),
        }
    };
    adamw(&numbers, state, &gradient);
    Ok(())
}
