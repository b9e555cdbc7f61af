use napi::bindgen_prelude::*;
use napi_derive::napi;

/// To the nearest integer, halves up.
fn nearest(value: f32, inverse: f32) -> i32 {
    (value * inverse + 0.5).floor() as i32
}

fn inverse_of(largest: f32) -> f32 {
    if largest == 0.0 { 0.0 } else { 127.0 / largest }
}

/// What rounding changed, and the weights themselves, as sums of squares.
#[derive(Default)]
struct SquaredError {
    difference: f64,
    weight: f64,
}

impl SquaredError {
    fn add(&mut self, value: f32, level: i32, scale: f32) {
        let difference = f64::from(value) - f64::from(level) * f64::from(scale);
        self.difference += difference * difference;
        self.weight += f64::from(value) * f64::from(value);
    }
}

impl From<SquaredError> for Vec<f64> {
    fn from(error: SquaredError) -> Self {
        vec![error.difference, error.weight]
    }
}

fn check(fits: bool) -> Result<()> {
    if fits {
        return Ok(());
    }
    Err(Error::from_reason("the arrays do not fit the matrix"))
}

/// As `quantizeTwoWay` in main/engine/base/quantize.ts. Scales start as zeros.
#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments)]
pub fn quantize_two_way(
    rows: u32,
    columns: u32,
    weight: Float32ArraySlice,
    mut forward: Int8ArraySlice,
    mut forward_scales: Float32ArraySlice,
    mut backward: Int8ArraySlice,
    mut backward_scales: Float32ArraySlice,
) -> Result<Vec<f64>> {
    let (rows, columns) = (rows as usize, columns as usize);
    let size = rows * columns;
    check(weight.len() == size && forward.len() == size && backward.len() == size)?;
    check(forward_scales.len() == rows && backward_scales.len() == columns)?;
    // SAFETY: JavaScript waits for this call, and the caller passes arrays that do not overlap.
    let (forward, backward) = unsafe { (forward.as_mut(), backward.as_mut()) };
    let (by_row, by_column) = unsafe { (forward_scales.as_mut(), backward_scales.as_mut()) };
    if size == 0 {
        return Ok(vec![0.0, 0.0]);
    }
    for (line, largest) in weight.chunks_exact(columns).zip(by_row.iter_mut()) {
        for (value, in_column) in line.iter().zip(by_column.iter_mut()) {
            *in_column = in_column.max(value.abs());
            *largest = largest.max(value.abs());
        }
    }
    let column_inverses: Vec<f32> = by_column
        .iter()
        .map(|&largest| inverse_of(largest))
        .collect();
    for (line, quantized) in weight
        .chunks_exact(columns)
        .zip(backward.chunks_exact_mut(columns))
    {
        for ((value, inverse), to) in line.iter().zip(&column_inverses).zip(quantized) {
            *to = nearest(*value, *inverse) as i8;
        }
    }
    // Tiles of 64 x 64: the transposed copy is written along its rows.
    for row_tile in (0..rows).step_by(64) {
        for column_tile in (0..columns).step_by(64) {
            for column in column_tile..(column_tile + 64).min(columns) {
                for row in row_tile..(row_tile + 64).min(rows) {
                    let value = weight[row * columns + column];
                    forward[column * rows + row] = nearest(value, inverse_of(by_row[row])) as i8;
                }
            }
        }
    }
    let row_inverses: Vec<f32> = by_row.iter().map(|&largest| inverse_of(largest)).collect();
    for scale in by_row.iter_mut().chain(by_column.iter_mut()) {
        *scale /= 127.0;
    }
    let mut error = SquaredError::default();
    for (row, line) in weight.chunks_exact(columns).enumerate() {
        for &value in line {
            error.add(value, nearest(value, row_inverses[row]), by_row[row]);
        }
    }
    Ok(error.into())
}

/// As `quantizeBlocks` in main/engine/base/quantize.ts. `values` starts as zeros.
#[napi(catch_unwind)]
pub fn quantize_blocks(
    columns: u32,
    block: u32,
    bits: u32,
    weight: Float32ArraySlice,
    mut values: Uint8ArraySlice,
    mut scales: Float32ArraySlice,
) -> Result<Vec<f64>> {
    let (columns, block) = (columns as usize, block as usize);
    check(columns > 0 && block > 0 && weight.len() % columns == 0)?;
    check(values.len() == (weight.len() * bits as usize).div_ceil(8))?;
    check(scales.len() == weight.len() / columns * columns.div_ceil(block))?;
    // SAFETY: as above.
    let (values, scales) = unsafe { (values.as_mut(), scales.as_mut()) };
    let mut error = SquaredError::default();
    let mut at = 0;
    let mut next_scale = scales.iter_mut();
    for line in weight.chunks_exact(columns) {
        for part in line.chunks(block) {
            let mut extreme = 0f32;
            for &value in part {
                if value.abs() > extreme.abs() {
                    extreme = value;
                }
            }
            let levels = if bits == 8 {
                127.0 * extreme.signum()
            } else {
                -8.0
            };
            let (scale, inverse) = if extreme == 0.0 {
                (0.0, 0.0)
            } else {
                (extreme / levels, levels / extreme)
            };
            *next_scale.next().expect("counted above") = scale;
            for &value in part {
                let level = if bits == 8 {
                    nearest(value, inverse)
                } else {
                    nearest(value, inverse).min(7)
                };
                if bits == 8 {
                    values[at] = level as u8;
                } else {
                    values[at / 2] |= ((level & 15) as u8) << (at % 2 * 4);
                }
                error.add(value, level, scale);
                at += 1;
            }
        }
    }
    Ok(error.into())
}
