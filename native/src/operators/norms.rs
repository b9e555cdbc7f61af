use crate::kernels::norms::{Rows, norm_gradient};
use crate::runtime::{Attributes, Context, CustomOperator, Slot};
use std::ffi::CStr;

/// The gradient by x of an RMS norm (without `mean`) or of a layer norm: x (... x width), weight (width), mean (rows of x, in any shape), inverse
/// (the same) and the gradient by the norm's result (as x) -> as x.
pub struct NormGradient;

impl CustomOperator for NormGradient {
    const NAME: &'static CStr = c"NormGradient";
    const INPUTS: &'static [Slot] = &[
        Slot::F32,
        Slot::F32,
        Slot::F32.optional(),
        Slot::F32,
        Slot::F32,
    ];
    const OUTPUTS: &'static [Slot] = &[Slot::F32];

    fn from_attributes(_: &Attributes) -> Result<Self, String> {
        Ok(Self)
    }

    fn compute(&self, context: &Context) -> Result<(), String> {
        let [x, weight] = [context.input::<f32>(0)?, context.input::<f32>(1)?];
        let mean = context.optional_input::<f32>(2)?;
        let [inverse, gradient] = [context.input::<f32>(3)?, context.input::<f32>(4)?];
        let width = weight.data.len();
        let rows = inverse.data.len();
        let means = mean.as_ref().map_or(rows, |mean| mean.data.len());
        if x.shape.last() != Some(&width)
            || x.data.len() != rows * width
            || means != rows
            || gradient.shape != x.shape
        {
            return Err(format!(
                "x of {:?}, {width} weights, {means} means and {rows} inverses, and a gradient of {:?} do not fit together",
                x.shape, gradient.shape
            ));
        }
        let given = Rows {
            x: x.data,
            weight: weight.data,
            mean: mean.as_ref().map(|mean| mean.data),
            inverse: inverse.data,
        };
        let by_x = context.output(0, &x.shape)?;
        norm_gradient(context.parallel(), given, gradient.data, by_x);
        Ok(())
    }
}
