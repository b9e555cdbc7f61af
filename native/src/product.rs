use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use napi::bindgen_prelude::*;
use napi_derive::napi;

/// Writes left (rows x inner) times right (inner x columns) into `product` (rows x columns), all row-major, in f64, on the calling
/// thread. The arrays must not overlap; a wrong length is an error.
#[napi(catch_unwind)]
pub fn product(
    rows: u32,
    inner: u32,
    columns: u32,
    left: Float64ArraySlice,
    right: Float64ArraySlice,
    mut product: Float64ArraySlice,
) -> Result<()> {
    let (rows, inner, columns) = (rows as usize, inner as usize, columns as usize);
    if left.len() != rows * inner
        || right.len() != inner * columns
        || product.len() != rows * columns
    {
        return Err(Error::from_reason(
            "the lengths of the arrays do not fit together",
        ));
    }
    // SAFETY: JavaScript waits for this call, and the caller passes arrays that do not overlap.
    let target = unsafe { product.as_mut() };
    matmul(
        MatMut::from_row_major_slice_mut(target, rows, columns),
        Accum::Replace,
        MatRef::from_row_major_slice(&left, rows, inner),
        MatRef::from_row_major_slice(&right, inner, columns),
        1.0,
        Par::Seq,
    );
    Ok(())
}
