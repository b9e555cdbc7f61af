use crate::leading_triplets::{LeadingTriplets, leading_triplets};
use faer::MatRef;
use napi::bindgen_prelude::*;
use napi_derive::napi;

/// The factors of NoRA by a randomised, activation-weighted SVD, on a thread of libuv's pool: see
/// main/engine/init/randomized-awsvd.ts. Nothing of the arrays may be touched before the promise settles.
pub struct RandomizedAwsvd {
    weight: Float32Array,
    scale: Float64Array,
    sketch: Float32Array,
    rank: usize,
    exponents: (f64, f64),
    a: Float32Array,
    b: Float32Array,
    singular_values: Float64Array,
}

/// Writes `a` (rank x in), `b` (out x rank) and `singular_values` (rank, descending) for `weight` (out x in, row-major) and the
/// diagonal `scale` (in); Sigma goes to b and a by the two exponents. `sketch` is row-major (min(out, in) x l), or empty to
/// decompose the whole space. Resolves to the relative error in the weighted norm, or to null where fp32 could not verify
/// it: then the outputs are untouched. The result does not depend on what else runs.
#[napi(catch_unwind)]
pub fn randomized_awsvd(
    weight: Float32Array,
    scale: Float64Array,
    sketch: Float32Array,
    rank: u32,
    exponent_b: f64,
    exponent_a: f64,
    a: Float32Array,
    b: Float32Array,
    singular_values: Float64Array,
) -> Result<AsyncTask<RandomizedAwsvd>> {
    let rank = rank as usize;
    let columns = scale.len();
    let rows = weight.len() / columns.max(1);
    let short = rows.min(columns);
    let sketched = sketch.len() / short.max(1);
    let fits = columns > 0
        && rows * columns == weight.len()
        && (1..=short).contains(&rank)
        && sketched * short == sketch.len()
        && (sketched == 0 || (rank..=short).contains(&sketched))
        && a.len() == rank * columns
        && b.len() == rows * rank
        && singular_values.len() == rank;
    if !fits {
        return Err(Error::from_reason(
            "the lengths of the arrays do not fit together",
        ));
    }
    let exponents = (exponent_b, exponent_a);
    Ok(AsyncTask::new(RandomizedAwsvd {
        weight,
        scale,
        sketch,
        rank,
        exponents,
        a,
        b,
        singular_values,
    }))
}

impl Task for RandomizedAwsvd {
    type Output = Option<f64>;
    type JsValue = Option<f64>;

    fn compute(&mut self) -> Result<Self::Output> {
        Ok(self.decompose())
    }

    fn resolve(&mut self, _: Env, error: Self::Output) -> Result<Self::JsValue> {
        Ok(error)
    }
}

impl RandomizedAwsvd {
    fn decompose(&mut self) -> Option<f64> {
        let columns = self.scale.len();
        let rows = self.weight.len() / columns;
        let (weighted, unit, energy) = weigh(&self.weight, &self.scale)?;
        let matrix = MatRef::from_row_major_slice(&weighted, rows, columns);
        let is_wide = rows < columns;
        let tall = if is_wide { matrix.transpose() } else { matrix };
        let short = tall.ncols();
        let sketch = MatRef::from_row_major_slice(&self.sketch, short, self.sketch.len() / short);
        let mut triplets = leading_triplets(tall, sketch, self.rank, energy)?;
        fix_signs(&mut triplets, is_wide);
        Some(self.write(&triplets, is_wide, unit, energy))
    }

    fn write(&mut self, triplets: &LeadingTriplets, is_wide: bool, unit: f64, energy: f64) -> f64 {
        let LeadingTriplets { basis, t, sigma } = triplets;
        let (rank, columns) = (self.rank, self.scale.len());
        let (on_b, on_a) = self.exponents;
        // SAFETY: the caller leaves the arrays alone until the promise settles, and they do not overlap.
        let (a, b, values) = unsafe {
            (
                self.a.as_mut(),
                self.b.as_mut(),
                self.singular_values.as_mut(),
            )
        };
        let inverse: Vec<f32> = self
            .scale
            .iter()
            .map(|&factor| (1.0 / factor) as f32)
            .collect();
        let mut for_b = vec![0.0_f32; rank];
        let mut left = energy;
        let mut off = 0.0;
        for k in 0..rank {
            let value = sigma[k] * unit;
            values[k] = value;
            let (factor_b, factor_a) = (value.powf(on_b), value.powf(on_a));
            left -= sigma[k] * sigma[k];
            off += ((value - factor_b * factor_a) / unit).powi(2);
            // t has length sigma where a singular vector has length 1.
            let v = if is_wide { t.col(k) } else { basis.col(k) };
            let (of_u, of_v) = if is_wide {
                (1.0, 1.0 / sigma[k])
            } else {
                (1.0 / sigma[k], 1.0)
            };
            for_b[k] = (of_u * factor_b) as f32;
            let factor = (of_v * factor_a) as f32;
            let row = a[k * columns..][..columns]
                .iter_mut()
                .zip(v.iter().zip(&inverse));
            for (target, (&entry, &inverse)) in row {
                *target = entry * factor * inverse;
            }
        }
        let u = if is_wide { basis } else { t };
        for (from, rows) in b.chunks_mut(ROWS * rank).enumerate() {
            for k in 0..rank {
                let column = &u.col_as_slice(k)[from * ROWS..];
                for (row, &entry) in rows.chunks_exact_mut(rank).zip(column) {
                    row[k] = entry * for_b[k];
                }
            }
        }
        ((left.max(0.0) + off) / energy).sqrt()
    }
}

/// Rows of b that are turned at a time from columns, to stay in the cache.
const ROWS: usize = 32;

/// W S with its largest entry between 1 and 2, the power of two it was divided by, and its squared norm; None if the matrix
/// is zero or an entry is not finite.
fn weigh(weight: &[f32], scale: &[f64]) -> Option<(Vec<f32>, f64, f64)> {
    let mut largest = vec![0.0_f32; scale.len()];
    for row in weight.chunks_exact(scale.len()) {
        for (most, &entry) in largest.iter_mut().zip(row) {
            *most = most.max(entry.abs()); // a NaN is passed over here and found in the norm
        }
    }
    let largest = largest
        .iter()
        .zip(scale)
        .fold(0.0_f64, |most, (&entry, factor)| {
            most.max(f64::from(entry) * factor)
        });
    if largest == 0.0 || !largest.is_finite() {
        return None;
    }
    let unit = largest.log2().floor().exp2();
    let factors: Vec<f32> = scale.iter().map(|factor| (factor / unit) as f32).collect();
    let mut squares = vec![0.0_f64; scale.len()];
    let mut weighted = vec![0.0_f32; weight.len()];
    for (to, from) in weighted
        .chunks_exact_mut(scale.len())
        .zip(weight.chunks_exact(scale.len()))
    {
        for (((target, &entry), &factor), square) in
            to.iter_mut().zip(from).zip(&factors).zip(&mut squares)
        {
            let value = entry * factor;
            *target = value;
            *square += f64::from(value) * f64::from(value);
        }
    }
    let energy: f64 = squares.iter().sum();
    energy.is_finite().then_some((weighted, unit, energy))
}

/// The entry of largest magnitude of each right singular vector becomes positive, as in truncated-svd.ts.
fn fix_signs(triplets: &mut LeadingTriplets, is_wide: bool) {
    for k in 0..triplets.sigma.len() {
        let right = if is_wide {
            triplets.t.col(k)
        } else {
            triplets.basis.col(k)
        };
        let largest = right.iter().fold(0.0_f32, |most, &entry| {
            if entry.abs() > most.abs() {
                entry
            } else {
                most
            }
        });
        if largest < 0.0 {
            triplets
                .t
                .col_mut(k)
                .iter_mut()
                .for_each(|entry| *entry = -*entry);
            triplets
                .basis
                .col_mut(k)
                .iter_mut()
                .for_each(|entry| *entry = -*entry);
        }
    }
}
