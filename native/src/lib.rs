//! The hot loops of NoRA Workbench. Every function writes into arrays that the caller passes, because Electron's V8 has no
//! external ArrayBuffers, and has a TypeScript twin or definition that its tests compare it with.

mod half_precision;
mod leading_triplets;
mod product;
mod quantization;
mod randomized_awsvd;
mod triangle;
mod truncated_svd;
