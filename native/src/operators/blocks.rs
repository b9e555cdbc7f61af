use crate::kernels::quantized::blocks::{Bits, BlockWeight, block_products};
use crate::runtime::{Attributes, Context, CustomOperator, Element, Int4Pair, Slot};
use std::ffi::CStr;
use std::marker::PhantomData;

/// x (n x k), weight (m x k) in blocks, scales (m x blocks of k): x W^T, or where transposed x (n x m) W. One operator for each type that
/// weights have.
pub struct BlockProducts<T> {
    transposed: bool,
    block: usize,
    levels: PhantomData<T>,
}

/// What weights in blocks are made of.
pub trait Levels: Element {
    const OPERATOR: &'static CStr;
    const BITS: Bits;
}

impl Levels for Int4Pair {
    const OPERATOR: &'static CStr = c"BlockProducts4";
    const BITS: Bits = Bits::Four;
}

impl Levels for i8 {
    const OPERATOR: &'static CStr = c"BlockProducts8";
    const BITS: Bits = Bits::Eight;
}

impl<T: Levels> CustomOperator for BlockProducts<T> {
    const NAME: &'static CStr = T::OPERATOR;
    const INPUTS: &'static [Slot] = &[Slot::F32, Slot::of::<T>(), Slot::F32];
    const OUTPUTS: &'static [Slot] = &[Slot::F32];

    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        let block = attributes.count("block_size")?;
        if block == 0 {
            return Err("blocks of no weights".into());
        }
        Ok(Self {
            transposed: attributes.integer("transposed")? != 0,
            block,
            levels: PhantomData,
        })
    }

    fn compute(&self, context: &Context) -> Result<(), String> {
        let x = context.input::<f32>(0)?;
        let weight = context.input::<T>(1)?;
        let scales = context.input::<f32>(2)?;
        let ([n, k], [rows, columns]) = (x.matrix()?, weight.matrix()?);
        let (inner, outer) = if self.transposed {
            (rows, columns)
        } else {
            (columns, rows)
        };
        if k != inner || scales.shape != [rows, columns.div_ceil(self.block)] {
            return Err(format!(
                "{n} x {k} times {rows} x {columns} (transposed: {}) with scales {:?} of blocks of {}",
                self.transposed, scales.shape, self.block
            ));
        }
        // SAFETY: both types are bytes, and every byte is a value.
        let bytes =
            unsafe { std::slice::from_raw_parts(weight.data.as_ptr().cast(), weight.data.len()) };
        let weight = BlockWeight {
            bytes,
            bits: T::BITS,
            rows,
            columns,
            block: self.block,
            scales: scales.data,
        };
        let target = context.output(0, &[n, outer])?;
        block_products(context.parallel(), x.data, &weight, self.transposed, target);
        Ok(())
    }
}
