//! Regions of a step that ONNX Runtime has no operator for, or only a slower one: plain calculations over slices, which know nothing
//! of sessions.

pub mod activation;
pub mod adamw;
pub mod attention;
pub mod convolution;
pub mod gated;
pub mod group_norm;
pub mod group_norm_gradient;
pub mod lanes;
pub mod linear_cross_entropy;
pub mod norms;
pub mod product;
pub mod products;
pub mod quantized;
pub mod scratch;
pub mod small_product;
#[cfg(test)]
mod testing;
