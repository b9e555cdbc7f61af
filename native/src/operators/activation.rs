use crate::kernels::activation::Activation as Kind;
use crate::kernels::gated::{activate, activation_gradient};
use crate::runtime::{Attributes, Context, CustomOperator, Slot, View};
use std::ffi::CStr;

/// x to activation(x), of any shape.
pub struct Activation(Kind);

/// x and the gradient by activation(x) to the gradient by x, all of one shape.
pub struct ActivationGradient(Kind);

/// Attributes: `activation`, 0 for x sigmoid(alpha x), 1 for GELU, 2 for GELU by tanh; `alpha`, which the last two leave unread.
pub fn kind_of(attributes: &Attributes) -> Result<Kind, String> {
    let alpha = attributes.float("alpha")?;
    match attributes.integer("activation")? {
        0 => Ok(Kind::Silu { alpha }),
        1 => Ok(Kind::Gelu),
        2 => Ok(Kind::GeluTanh),
        other => Err(format!(
            "activation {other} is none of 0 (SiLU), 1 (GELU) and 2 (GELU by tanh)"
        )),
    }
}

/// The shape that all the inputs have.
pub fn one_shape<'a>(inputs: &[&'a View<f32>]) -> Result<&'a [usize], String> {
    let [first, others @ ..] = inputs else {
        return Err("there is no input".into());
    };
    for other in others {
        if other.shape != first.shape {
            return Err(format!(
                "inputs of the shapes {:?} and {:?} do not fit together",
                first.shape, other.shape
            ));
        }
    }
    Ok(&first.shape)
}

impl CustomOperator for Activation {
    const NAME: &'static CStr = c"Activation";
    const INPUTS: &'static [Slot] = &[Slot::F32];
    const OUTPUTS: &'static [Slot] = &[Slot::F32];

    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        kind_of(attributes).map(Self)
    }

    fn compute(&self, context: &Context) -> Result<(), String> {
        let x = context.input::<f32>(0)?;
        let y = context.output(0, &x.shape)?;
        activate(context.parallel(), self.0, x.data, y);
        Ok(())
    }
}

impl CustomOperator for ActivationGradient {
    const NAME: &'static CStr = c"ActivationGradient";
    const INPUTS: &'static [Slot] = &[Slot::F32; 2];
    const OUTPUTS: &'static [Slot] = &[Slot::F32];

    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        kind_of(attributes).map(Self)
    }

    fn compute(&self, context: &Context) -> Result<(), String> {
        let [x, gradient] = [context.input::<f32>(0)?, context.input::<f32>(1)?];
        let by_x = context.output(0, one_shape(&[&x, &gradient])?)?;
        activation_gradient(context.parallel(), self.0, [x.data, gradient.data], by_x);
        Ok(())
    }
}
