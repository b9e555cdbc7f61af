use super::activation::{kind_of, one_shape};
use crate::kernels::activation::Activation;
use crate::kernels::gated::{gated, gated_gradient};
use crate::runtime::{Attributes, Context, CustomOperator, Slot};
use std::ffi::CStr;

/// gate and up to activation(gate) up, all of one shape.
pub struct Gated(Activation);

/// gate, up and the gradient by their result to the gradients by gate and up, all of one shape.
pub struct GatedGradient(Activation);

impl CustomOperator for Gated {
    const NAME: &'static CStr = c"Gated";
    const INPUTS: &'static [Slot] = &[Slot::F32; 2];
    const OUTPUTS: &'static [Slot] = &[Slot::F32];

    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        kind_of(attributes).map(Self)
    }

    fn compute(&self, context: &Context) -> Result<(), String> {
        let [gate, up] = [context.input::<f32>(0)?, context.input::<f32>(1)?];
        let y = context.output(0, one_shape(&[&gate, &up])?)?;
        gated(context.parallel(), self.0, [gate.data, up.data], y);
        Ok(())
    }
}

impl CustomOperator for GatedGradient {
    const NAME: &'static CStr = c"GatedGradient";
    const INPUTS: &'static [Slot] = &[Slot::F32; 3];
    const OUTPUTS: &'static [Slot] = &[Slot::F32; 2];

    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        kind_of(attributes).map(Self)
    }

    fn compute(&self, context: &Context) -> Result<(), String> {
        let [gate, up] = [context.input::<f32>(0)?, context.input::<f32>(1)?];
        let gradient = context.input::<f32>(2)?;
        let shape = one_shape(&[&gate, &up, &gradient])?;
        let [by_gate, by_up] = [context.output(0, shape)?, context.output(1, shape)?];
        gated_gradient(
            context.parallel(),
            self.0,
            [gate.data, up.data, gradient.data],
            [by_gate, by_up],
        );
        Ok(())
    }
}
