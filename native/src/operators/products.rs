use crate::kernels::products::{Factor, Term, products};
use crate::runtime::{Attributes, Context, CustomOperator, Slot, View};
use std::ffi::CStr;

/// A base that may be left out, then left and right factors in turn, matrices all, to the sum of the base and their products.
pub struct Products {
    /// Of each factor, whether it is taken transposed.
    transposed: Vec<bool>,
}

impl CustomOperator for Products {
    const NAME: &'static CStr = c"Products";
    const INPUTS: &'static [Slot] = &[Slot::F32.optional(), Slot::F32.variadic()];
    const OUTPUTS: &'static [Slot] = &[Slot::F32];

    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        let transposed = transposed(attributes)?;
        if transposed.is_empty() {
            return Err("no factors".into());
        }
        Ok(Self { transposed })
    }

    fn compute(&self, context: &Context) -> Result<(), String> {
        let base = context.optional_input::<f32>(0)?;
        let views = factors(context, 1, &self.transposed)?;
        let (shape, terms) = terms(&views, &self.transposed)?;
        if let Some(base) = &base
            && base.shape != shape
        {
            return Err(format!(
                "products of {shape:?} on a base of {:?}",
                base.shape
            ));
        }
        products(
            context.parallel(),
            shape,
            base.map(|base| base.data),
            &terms,
            context.output(0, &shape)?,
        );
        Ok(())
    }
}

/// Of factors in turn, left and right, whether each is taken transposed: the attribute `transposed`.
pub fn transposed(attributes: &Attributes) -> Result<Vec<bool>, String> {
    let flags = attributes.integers("transposed")?;
    if !flags.len().is_multiple_of(2) {
        return Err(format!("{} flags of pairs of factors", flags.len()));
    }
    Ok(flags.iter().map(|flag| *flag != 0).collect())
}

/// The inputs from `first` on, a factor for each flag.
pub fn factors<'a>(
    context: &'a Context,
    first: usize,
    transposed: &[bool],
) -> Result<Vec<View<'a, f32>>, String> {
    (first..first + transposed.len())
        .map(|at| context.input::<f32>(at))
        .collect()
}

/// The products of factors, and the shape that all of them have.
pub fn terms<'a>(
    views: &[View<'a, f32>],
    transposed: &[bool],
) -> Result<([usize; 2], Vec<Term<'a>>), String> {
    let sides = views
        .iter()
        .zip(transposed)
        .map(|(view, transposed)| side(&view.shape, view.data, *transposed))
        .collect::<Result<Vec<_>, _>>()?;
    let shape = [sides[0].extents[0], sides[1].extents[1]];
    let terms = sides
        .chunks_exact(2)
        .map(|pair| {
            let ([rows, inner], [other, columns]) = (pair[0].extents, pair[1].extents);
            if [rows, columns] != shape || inner != other {
                return Err(format!(
                    "{rows} x {inner} times {other} x {columns} in a sum of {shape:?}"
                ));
            }
            Ok(Term {
                left: pair[0].factor,
                right: pair[1].factor,
                inner,
            })
        })
        .collect::<Result<_, _>>()?;
    Ok((shape, terms))
}

/// A factor, and its extents as it is multiplied.
struct Side<'a> {
    factor: Factor<'a>,
    extents: [usize; 2],
}

fn side<'a>(shape: &[usize], values: &'a [f32], transposed: bool) -> Result<Side<'a>, String> {
    let [rows, columns] = *shape else {
        return Err(format!("a factor has the shape {shape:?}: no matrix"));
    };
    let factor = Factor {
        values,
        columns,
        transposed,
    };
    let extents = if transposed {
        [columns, rows]
    } else {
        [rows, columns]
    };
    Ok(Side { factor, extents })
}
