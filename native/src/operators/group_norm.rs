use crate::kernels::group_norm::{Extents, group_norm};
use crate::kernels::group_norm_gradient::{Normed, group_norm_gradient};
use crate::runtime::{Attributes, Context, CustomOperator, Slot, View};
use std::ffi::CStr;

/// x (images x channels x pixels in any number of dimensions), weight and bias (channels each) to y (as x), mean and inverse (images x
/// groups x 1).
pub struct GroupNorm {
    groups: usize,
    epsilon: f32,
}

impl CustomOperator for GroupNorm {
    const NAME: &'static CStr = c"GroupNorm";
    const INPUTS: &'static [Slot] = &[Slot::F32; 3];
    const OUTPUTS: &'static [Slot] = &[Slot::F32; 3];

    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        Ok(Self {
            groups: attributes.count("groups")?,
            epsilon: attributes.float("epsilon")?,
        })
    }

    fn compute(&self, context: &Context) -> Result<(), String> {
        let x = context.input::<f32>(0)?;
        let [weight, bias] = [context.input::<f32>(1)?, context.input::<f32>(2)?];
        let extents = extents_of(&x.shape, self.groups, &[&weight, &bias])?;
        let statistics = [extents.images, self.groups, 1];
        group_norm(
            context.parallel(),
            &extents,
            self.epsilon,
            x.data,
            weight.data,
            bias.data,
            context.output(0, &x.shape)?,
            context.output(1, &statistics)?,
            context.output(2, &statistics)?,
        );
        Ok(())
    }
}

/// x, weight, mean and inverse as the norm gave them, and the gradient by its result (as x), to that by x (as x).
pub struct GroupNormGradient {
    groups: usize,
}

impl CustomOperator for GroupNormGradient {
    const NAME: &'static CStr = c"GroupNormGradient";
    const INPUTS: &'static [Slot] = &[Slot::F32; 5];
    const OUTPUTS: &'static [Slot] = &[Slot::F32];

    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        Ok(Self {
            groups: attributes.count("groups")?,
        })
    }

    fn compute(&self, context: &Context) -> Result<(), String> {
        let [x, weight] = [context.input::<f32>(0)?, context.input::<f32>(1)?];
        let [mean, inverse] = [context.input::<f32>(2)?, context.input::<f32>(3)?];
        let gradient = context.input::<f32>(4)?;
        let extents = extents_of(&x.shape, self.groups, &[&weight])?;
        let statistics = extents.images * self.groups;
        if gradient.shape != x.shape || [mean.data.len(), inverse.data.len()] != [statistics; 2] {
            return Err(format!(
                "x of {:?} in {} groups, {} means, {} inverses and a gradient of {:?} do not fit together",
                x.shape,
                self.groups,
                mean.data.len(),
                inverse.data.len(),
                gradient.shape
            ));
        }
        let normed = Normed {
            extents: &extents,
            x: x.data,
            weight: weight.data,
            mean: mean.data,
            inverse: inverse.data,
        };
        let by_x = context.output(0, &x.shape)?;
        group_norm_gradient(context.parallel(), normed, gradient.data, by_x);
        Ok(())
    }
}

/// Those of x, whose channels have a number each in what is given per channel.
fn extents_of(
    shape: &[usize],
    groups: usize,
    per_channel: &[&View<f32>],
) -> Result<Extents, String> {
    let &[images, channels, ref pixels @ ..] = shape else {
        return Err(format!("x has the shape {shape:?}: no channels"));
    };
    let lengths: Vec<usize> = per_channel.iter().map(|view| view.data.len()).collect();
    if groups == 0 || channels % groups != 0 || lengths.iter().any(|length| *length != channels) {
        return Err(format!(
            "{channels} channels in {groups} groups and {lengths:?} weights and biases do not fit together"
        ));
    }
    Ok(Extents {
        images,
        channels,
        pixels: pixels.iter().product(),
        groups,
    })
}
