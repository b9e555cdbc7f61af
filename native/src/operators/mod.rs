//! Operators of the domain "nora": each reads a node's attributes and inputs, and calls a kernel (../kernels). How one is added stands
//! in native/README.md.

mod activation;
mod attention;
mod blocks;
mod convolution;
mod gated;
mod group_norm;
mod linear_cross_entropy;
mod norms;
mod products;
mod quantized;

use crate::runtime::{Int4Pair, Registration};

/// All there are. Rules in main/engine/lower/fused write nodes of them, by their names after "nora.".
pub static OPERATORS: &[Registration] = &[
    Registration::of::<activation::Activation>(),
    Registration::of::<activation::ActivationGradient>(),
    Registration::of::<attention::Attention>(),
    Registration::of::<attention::AttentionGradient>(),
    Registration::of::<blocks::BlockProducts<Int4Pair>>(),
    Registration::of::<blocks::BlockProducts<i8>>(),
    Registration::of::<convolution::Convolution>(),
    Registration::of::<convolution::ConvolutionByInput>(),
    Registration::of::<gated::Gated>(),
    Registration::of::<gated::GatedGradient>(),
    Registration::of::<group_norm::GroupNorm>(),
    Registration::of::<group_norm::GroupNormGradient>(),
    Registration::of::<linear_cross_entropy::LinearCrossEntropy>(),
    Registration::of::<norms::NormGradient>(),
    Registration::of::<products::Products>(),
    Registration::of::<quantized::QuantizeRows>(),
    Registration::of::<quantized::QuantizedProducts>(),
];
