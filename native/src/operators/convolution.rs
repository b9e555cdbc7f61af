use crate::kernels::convolution::{Shape, convolution, convolution_by_input};
use crate::runtime::{Attributes, Context, CustomOperator, Slot};
use std::ffi::CStr;

/// x (images x inputs x height x width) and w (outputs x inputs x 3 x 3) to y (images x outputs x height x width): of stride 1 and padding 1.
pub struct Convolution;

/// d (as y) and w to the gradient by x.
pub struct ConvolutionByInput;

/// Extents of images and of kernels that fit them: the kernels take as many channels as axis `taken` of theirs says.
fn shape_of(images: &[usize], w: &[usize], taken: usize) -> Result<Shape, String> {
    match (images, w) {
        (&[images, channels, height, width], &[outputs, inputs, 3, 3]) if channels == w[taken] => {
            Ok(Shape {
                images,
                inputs,
                outputs,
                height,
                width,
            })
        }
        _ => Err(format!(
            "images {images:?} and kernels {w:?} do not fit together"
        )),
    }
}

impl CustomOperator for Convolution {
    const NAME: &'static CStr = c"Convolution";
    const INPUTS: &'static [Slot] = &[Slot::F32; 2];
    const OUTPUTS: &'static [Slot] = &[Slot::F32];

    fn from_attributes(_: &Attributes) -> Result<Self, String> {
        Ok(Self)
    }

    fn compute(&self, context: &Context) -> Result<(), String> {
        let [x, w] = [context.input::<f32>(0)?, context.input::<f32>(1)?];
        let shape = shape_of(&x.shape, &w.shape, 1)?;
        let extents = [shape.images, shape.outputs, shape.height, shape.width];
        let y = context.output(0, &extents)?;
        convolution(context.parallel(), shape, x.data, w.data, y);
        Ok(())
    }
}

impl CustomOperator for ConvolutionByInput {
    const NAME: &'static CStr = c"ConvolutionByInput";
    const INPUTS: &'static [Slot] = &[Slot::F32; 2];
    const OUTPUTS: &'static [Slot] = &[Slot::F32];

    fn from_attributes(_: &Attributes) -> Result<Self, String> {
        Ok(Self)
    }

    fn compute(&self, context: &Context) -> Result<(), String> {
        let [d, w] = [context.input::<f32>(0)?, context.input::<f32>(1)?];
        let shape = shape_of(&d.shape, &w.shape, 0)?;
        let extents = [shape.images, shape.inputs, shape.height, shape.width];
        let gradient = context.output(0, &extents)?;
        convolution_by_input(context.parallel(), shape, d.data, w.data, gradient);
        Ok(())
    }
}
