use faer::MatRef;
use napi::bindgen_prelude::*;
use napi_derive::napi;

/// Rank-r truncated singular value decomposition of a row-major (rows x columns) matrix, in f64, exact to rounding:
/// Householder bidiagonalisation and divide and conquer, then the leading r triplets are kept. Runs on the calling thread
/// alone, so that the result does not depend on the number of cores; at the sizes of linear layers, threads gained nothing.
///
/// Writes `u` (rows x rank), `singular_values` (rank, descending) and `vt` (rank x columns), row-major. The signs of the
/// singular vectors are left as they come. The arrays must not overlap; a wrong length or a non-finite entry is an error.
#[napi(catch_unwind)]
pub fn truncated_svd(
    rows: u32,
    columns: u32,
    data: Either<Float64ArraySlice, Float32ArraySlice>,
    rank: u32,
    mut u: Float64ArraySlice,
    mut singular_values: Float64ArraySlice,
    mut vt: Float64ArraySlice,
) -> Result<()> {
    let (rows, columns, rank) = (rows as usize, columns as usize, rank as usize);
    if rank == 0 || rank > rows.min(columns) {
        return Err(Error::from_reason(format!(
            "rank {rank} does not fit a {rows} x {columns} matrix"
        )));
    }
    let mut scaled: Vec<f64> = match &data {
        Either::A(doubles) => doubles.to_vec(),
        Either::B(floats) => floats.iter().map(|&value| value.into()).collect(),
    };
    check_length("data", scaled.len(), rows * columns)?;
    check_length("u", u.len(), rows * rank)?;
    check_length("singularValues", singular_values.len(), rank)?;
    check_length("vt", vt.len(), rank * columns)?;

    let unit = scale_to_unit(&mut scaled);
    let decomposition = MatRef::from_row_major_slice(&scaled, rows, columns)
        .thin_svd()
        .map_err(|_| Error::from_reason("the singular value decomposition did not converge"))?;

    // SAFETY: JavaScript waits for this call, and the caller passes arrays that do not overlap.
    let (u, singular_values, vt) = unsafe { (u.as_mut(), singular_values.as_mut(), vt.as_mut()) };
    let (left, right) = (decomposition.U(), decomposition.V());
    let sigma = decomposition.S().column_vector();
    for k in 0..rank {
        singular_values[k] = sigma[k] * unit;
        for i in 0..rows {
            u[i * rank + k] = left[(i, k)];
        }
        for j in 0..columns {
            vt[k * columns + j] = right[(j, k)];
        }
    }
    Ok(())
}

/// Brings the largest entry to between 1 and 2, so that no square over- or underflows. Returns the unit divided by: a power
/// of two, so that nothing is rounded.
fn scale_to_unit(data: &mut [f64]) -> f64 {
    let largest = data
        .iter()
        .fold(0.0_f64, |most, value| most.max(value.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return 1.0;
    }
    let unit = largest.log2().floor().exp2();
    data.iter_mut().for_each(|value| *value /= unit);
    unit
}

fn check_length(name: &str, actual: usize, expected: usize) -> Result<()> {
    if actual == expected {
        return Ok(());
    }
    Err(Error::from_reason(format!(
        "{name} has {actual} elements instead of {expected}"
    )))
}
