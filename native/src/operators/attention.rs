use crate::kernels::attention::{Attended, Gradients, Shape, attention, attention_gradient};
use crate::runtime::{Attributes, Context, CustomOperator, Slot, View};
use std::ffi::CStr;

/// What both directions are told of the scores.
struct Scores {
    scale: f32,
    softcap: Option<f32>,
    causal_tile: Option<usize>,
}

impl Scores {
    fn of(attributes: &Attributes) -> Result<Self, String> {
        let softcap = attributes.float("softcap")?;
        let tile = attributes.count("causalTile")?;
        Ok(Self {
            scale: attributes.float("scale")?,
            softcap: (softcap != 0.0).then_some(softcap),
            causal_tile: (tile != 0).then_some(tile),
        })
    }

    fn attended<'a>(
        &self,
        [q, k, v]: [&View<'a, f32>; 3],
        bias: Option<&View<'a, f32>>,
    ) -> Result<Attended<'a>, String> {
        let shape = shape_of(q, k, bias).filter(|_| v.shape == k.shape);
        let shape = shape.ok_or_else(|| {
            let (q, k, v, bias) = (&q.shape, &k.shape, &v.shape, bias.map(|bias| &bias.shape));
            format!(
                "q {q:?}, k {k:?}, v {v:?} and the bias {bias:?} do not fit together: q is batch x heads x queries x width, k and v \
                 batch x key/value heads x keys x width, a bias batch x 1 x queries x keys"
            )
        })?;
        Ok(Attended {
            shape,
            q: q.data,
            k: k.data,
            v: v.data,
            bias: bias.map(|bias| bias.data),
            scale: self.scale,
            softcap: self.softcap,
            causal_tile: self.causal_tile,
        })
    }
}

fn shape_of(q: &View<f32>, k: &View<f32>, bias: Option<&View<f32>>) -> Option<Shape> {
    let &[batch, heads, queries, width] = q.shape.as_slice() else {
        return None;
    };
    let &[_, key_value_heads, keys, _] = k.shape.as_slice() else {
        return None;
    };
    let fits = k.shape == [batch, key_value_heads, keys, width]
        && key_value_heads > 0
        && heads % key_value_heads == 0
        && bias.is_none_or(|bias| bias.shape == [batch, 1, queries, keys]);
    fits.then_some(Shape {
        batch,
        heads,
        key_value_heads,
        queries,
        keys,
        width,
    })
}

/// q, k, v and a bias (or none) to what is mixed (as q).
pub struct Attention(Scores);

impl CustomOperator for Attention {
    const NAME: &'static CStr = c"Attention";
    const INPUTS: &'static [Slot] = &[Slot::F32, Slot::F32, Slot::F32, Slot::F32.optional()];
    const OUTPUTS: &'static [Slot] = &[Slot::F32];

    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        Ok(Self(Scores::of(attributes)?))
    }

    fn compute(&self, context: &Context) -> Result<(), String> {
        let [q, k, v] = [context.input(0)?, context.input(1)?, context.input(2)?];
        let bias = context.optional_input(3)?;
        let attended = self.0.attended([&q, &k, &v], bias.as_ref())?;
        attention(&attended, context.output(0, &q.shape)?, context.parallel());
        Ok(())
    }
}

/// q, k, v, the gradient by the output (as q), the output (or none: it then costs more) and a bias (or none) to the gradients by q, k
/// and v.
pub struct AttentionGradient(Scores);

impl CustomOperator for AttentionGradient {
    const NAME: &'static CStr = c"AttentionGradient";
    const INPUTS: &'static [Slot] = &[
        Slot::F32,
        Slot::F32,
        Slot::F32,
        Slot::F32,
        Slot::F32.optional(),
        Slot::F32.optional(),
    ];
    const OUTPUTS: &'static [Slot] = &[Slot::F32; 3];

    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        Ok(Self(Scores::of(attributes)?))
    }

    fn compute(&self, context: &Context) -> Result<(), String> {
        let [q, k, v] = [context.input(0)?, context.input(1)?, context.input(2)?];
        let gradient = context.input::<f32>(3)?;
        let [output, bias] = [context.optional_input(4)?, context.optional_input(5)?];
        let attended = self.0.attended([&q, &k, &v], bias.as_ref())?;
        if gradient.shape != q.shape
            || output
                .as_ref()
                .is_some_and(|output| output.shape != q.shape)
        {
            return Err(format!(
                "the gradient {:?} and the output {:?} must be of q's shape {:?}",
                gradient.shape,
                output.map(|output| output.shape),
                q.shape
            ));
        }
        let into = Gradients {
            by_q: context.output(0, &q.shape)?,
            by_k: context.output(1, &k.shape)?,
            by_v: context.output(2, &k.shape)?,
        };
        let output = output.map(|output| output.data);
        attention_gradient(&attended, output, gradient.data, into, context.parallel());
        Ok(())
    }
}
