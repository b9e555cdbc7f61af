use half::{bf16, f16, slice::HalfFloatSliceExt};
use napi::bindgen_prelude::*;
use napi_derive::napi;

/// bfloat16 bit patterns to f32, exactly.
#[napi(catch_unwind)]
pub fn convert_bf16_to_f32(source: Uint16ArraySlice, mut target: Float32ArraySlice) -> Result<()> {
    check_same_length(source.len(), target.len())?;
    // SAFETY: JavaScript waits for this call, and the caller passes arrays that do not overlap. The same holds below.
    let target = unsafe { target.as_mut() };
    for (value, &bits) in target.iter_mut().zip(source.iter()) {
        *value = bf16::from_bits(bits).to_f32();
    }
    Ok(())
}

/// f32 to bfloat16 bit patterns, to nearest with ties to even.
#[napi(catch_unwind)]
pub fn convert_f32_to_bf16(source: Float32ArraySlice, mut target: Uint16ArraySlice) -> Result<()> {
    check_same_length(source.len(), target.len())?;
    let target = unsafe { target.as_mut() };
    for (bits, &value) in target.iter_mut().zip(source.iter()) {
        *bits = bf16::from_f32(value).to_bits();
    }
    Ok(())
}

/// IEEE binary16 bit patterns to f32, exactly.
#[napi(catch_unwind)]
pub fn convert_fp16_to_f32(source: Uint16ArraySlice, mut target: Float32ArraySlice) -> Result<()> {
    check_same_length(source.len(), target.len())?;
    let halves: &[f16] = half::slice::HalfBitsSliceExt::reinterpret_cast(&*source);
    halves.convert_to_f32_slice(unsafe { target.as_mut() });
    Ok(())
}

/// f32 to IEEE binary16 bit patterns, to nearest with ties to even; beyond 65504 becomes infinite.
#[napi(catch_unwind)]
pub fn convert_f32_to_fp16(source: Float32ArraySlice, mut target: Uint16ArraySlice) -> Result<()> {
    check_same_length(source.len(), target.len())?;
    let halves: &mut [f16] =
        half::slice::HalfBitsSliceExt::reinterpret_cast_mut(unsafe { target.as_mut() });
    halves.convert_from_f32_slice(&source);
    Ok(())
}

fn check_same_length(source: usize, target: usize) -> Result<()> {
    if source == target {
        return Ok(());
    }
    Err(Error::from_reason(format!(
        "source has {source} elements and target {target}"
    )))
}
