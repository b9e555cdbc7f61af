use super::products::{factors, terms, transposed};
use crate::kernels::quantized::products::{ByteTerm, LONGEST_INNER, quantized_products};
use crate::kernels::quantized::rows::quantize_rows;
use crate::runtime::{Attributes, Context, CustomOperator, Slot, View};
use std::ffi::CStr;

/// x (rows x columns) -> values uint8 (rows x columns), scales (rows x 1): x about (values - 128) scales.
pub struct QuantizeRows;

impl CustomOperator for QuantizeRows {
    const NAME: &'static CStr = c"QuantizeRows";
    const INPUTS: &'static [Slot] = &[Slot::F32];
    const OUTPUTS: &'static [Slot] = &[Slot::U8, Slot::F32];

    fn from_attributes(_: &Attributes) -> Result<Self, String> {
        Ok(Self)
    }

    fn compute(&self, context: &Context) -> Result<(), String> {
        let x = context.input::<f32>(0)?;
        let [rows, columns] = x.matrix()?;
        let values = context.output(0, &x.shape)?;
        let scales = context.output(1, &[rows, 1])?;
        quantize_rows(context.parallel(), columns, x.data, values, scales);
        Ok(())
    }
}

/// `count` products of rounded rows with weights in 8 bits: for each its values uint8 (rows x inner), row scales (rows x 1), weight
/// int8 (inner x columns), scales (columns). Then left and right factors of plain products in turn, which `transposed` has flags of.
pub struct QuantizedProducts {
    count: usize,
    transposed: Vec<bool>,
}

/// Inputs of a product of bytes.
const OPERANDS: usize = 4;

impl CustomOperator for QuantizedProducts {
    const NAME: &'static CStr = c"QuantizedProducts";
    const INPUTS: &'static [Slot] = &[Slot::ANY.variadic()];
    const OUTPUTS: &'static [Slot] = &[Slot::F32];

    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        let count = attributes.count("count")?;
        if count == 0 {
            return Err("no product of bytes".into());
        }
        Ok(Self {
            count,
            transposed: transposed(attributes)?,
        })
    }

    fn compute(&self, context: &Context) -> Result<(), String> {
        let operands = (0..self.count)
            .map(|nth| Operands::read(context, nth * OPERANDS))
            .collect::<Result<Vec<_>, _>>()?;
        let shape = operands[0].shape()?;
        for other in &operands {
            if other.shape()? != shape {
                return Err(format!("{:?} in a sum of {shape:?}", other.shape()?));
            }
        }
        let bytes: Vec<ByteTerm> = operands.iter().map(Operands::term).collect();
        let views = factors(context, self.count * OPERANDS, &self.transposed)?;
        let floats = if views.is_empty() {
            vec![]
        } else {
            let (own, terms) = terms(&views, &self.transposed)?;
            if own != shape {
                return Err(format!("products of {own:?} in a sum of {shape:?}"));
            }
            terms
        };
        let target = context.output(0, &shape)?;
        quantized_products(context.parallel(), shape, &bytes, &floats, target);
        Ok(())
    }
}

struct Operands<'a> {
    values: View<'a, u8>,
    row_scales: View<'a, f32>,
    weight: View<'a, i8>,
    scales: View<'a, f32>,
}

impl<'a> Operands<'a> {
    fn read(context: &'a Context, first: usize) -> Result<Self, String> {
        Ok(Self {
            values: context.input(first)?,
            row_scales: context.input(first + 1)?,
            weight: context.input(first + 2)?,
            scales: context.input(first + 3)?,
        })
    }

    /// Of the product. An error where the operands do not go together.
    fn shape(&self) -> Result<[usize; 2], String> {
        let ([rows, inner], [other, columns]) = (self.values.matrix()?, self.weight.matrix()?);
        let fits = inner == other
            && self.row_scales.data.len() == rows
            && self.scales.data.len() == columns;
        if !fits {
            return Err(format!(
                "{rows} x {inner} bytes with {} scales times {other} x {columns} with {}",
                self.row_scales.data.len(),
                self.scales.data.len()
            ));
        }
        if inner > LONGEST_INNER {
            return Err(format!(
                "sums of {inner} products of bytes: more than {LONGEST_INNER} do not fit into 32 bits"
            ));
        }
        Ok([rows, columns])
    }

    fn term(&self) -> ByteTerm<'a> {
        ByteTerm {
            values: self.values.data,
            row_scales: self.row_scales.data,
            weight: self.weight.data,
            scales: self.scales.data,
        }
    }
}
