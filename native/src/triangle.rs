use faer::Mat;
use napi::bindgen_prelude::*;
use napi_derive::napi;

/// The triangle of a QR decomposition with more rows taken in, on a thread of libuv's pool: see
/// main/engine/linear-algebra/triangle.ts. Nothing of the arrays may be touched before the promise settles.
pub struct UpdateTriangle {
    n: usize,
    rows: Float64Array,
    triangle: Float64Array,
}

/// Replaces the upper triangle T (n x n, row-major) by R with R^T R = T^T T + X^T X for the rows X (m x n, row-major), by blocked
/// Householder reflections of T over X. Diagonal entries are not negative.
#[napi(catch_unwind)]
pub fn update_triangle(
    n: u32,
    rows: Float64Array,
    triangle: Float64Array,
) -> Result<AsyncTask<UpdateTriangle>> {
    let n = n as usize;
    if n == 0 || !rows.len().is_multiple_of(n) || triangle.len() != n * n {
        return Err(Error::from_reason(
            "the lengths of the arrays do not fit together",
        ));
    }
    Ok(AsyncTask::new(UpdateTriangle { n, rows, triangle }))
}

impl Task for UpdateTriangle {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<Self::Output> {
        let n = self.n;
        let stacked = Mat::from_fn(n + self.rows.len() / n, n, |i, j| {
            if i >= n {
                self.rows[(i - n) * n + j]
            } else if j >= i {
                self.triangle[i * n + j]
            } else {
                0.0
            }
        });
        let decomposition = stacked.qr();
        let r = decomposition.thin_R();
        // SAFETY: the caller leaves the array alone until the promise settles.
        let triangle = unsafe { self.triangle.as_mut() };
        for i in 0..n {
            let sign = if r[(i, i)] < 0.0 { -1.0 } else { 1.0 };
            for j in 0..n {
                triangle[i * n + j] = if j < i { 0.0 } else { sign * r[(i, j)] };
            }
        }
        Ok(())
    }

    fn resolve(&mut self, _: Env, _: Self::Output) -> Result<Self::JsValue> {
        Ok(())
    }
}
