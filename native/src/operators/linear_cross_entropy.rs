use crate::kernels::linear_cross_entropy::{Table, Task, linear_cross_entropy, workspace_length};
use crate::runtime::{Attributes, Context, CustomOperator, Slot};
use half::bf16;
use std::ffi::CStr;

/// rows (n x width), weight (classes x width, float32 or bfloat16) and targets (n) to losses (n) and slopes (n x width).
pub struct LinearCrossEntropy {
    softcap: Option<f32>,
    smoothing: f32,
    rounded: bool,
}

impl CustomOperator for LinearCrossEntropy {
    const NAME: &'static CStr = c"LinearCrossEntropy";
    const INPUTS: &'static [Slot] = &[Slot::F32, Slot::ANY, Slot::I64];
    const OUTPUTS: &'static [Slot] = &[Slot::F32; 2];

    /// A soft cap of 0 is none.
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        let softcap = attributes.float("softcap")?;
        Ok(Self {
            softcap: (softcap != 0.0).then_some(softcap),
            smoothing: attributes.float("smoothing")?,
            rounded: attributes.integer("rounded")? != 0,
        })
    }

    fn compute(&self, context: &Context) -> Result<(), String> {
        let rows = context.input::<f32>(0)?;
        let (shape, table) = if context.input_is::<bf16>(1)? {
            let weight = context.input::<bf16>(1)?;
            (weight.shape, Table::Brain(weight.data))
        } else {
            let weight = context.input::<f32>(1)?;
            (weight.shape, Table::Single(weight.data))
        };
        let targets = context.input::<i64>(2)?;
        let ([count, width], [outputs, other]) = (rows.shape.as_slice(), shape.as_slice()) else {
            return Err(format!("rows of {:?} by a weight of {shape:?}", rows.shape));
        };
        if width != other || targets.data.len() != *count {
            return Err(format!(
                "rows of {:?} by a weight of {shape:?}, with {} targets",
                rows.shape,
                targets.data.len()
            ));
        }
        let known = 0..*outputs as i64;
        if let Some((row, target)) = targets
            .data
            .iter()
            .enumerate()
            .find(|(_, target)| !known.contains(target))
        {
            return Err(format!(
                "row {row} has the target {target}, which is not one of {outputs} outputs"
            ));
        }
        let task = Task {
            rows: rows.data,
            width: *width,
            table,
            outputs: *outputs,
            targets: targets.data,
            softcap: self.softcap,
            smoothing: self.smoothing,
            rounded: self.rounded,
        };
        linear_cross_entropy(
            context.parallel(),
            &task,
            &mut context.workspace(workspace_length(*count, *width, *outputs))?,
            context.output(0, &[*count])?,
            context.output(1, &rows.shape)?,
        );
        Ok(())
    }
}
