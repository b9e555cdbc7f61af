//! The hot loops of NoRA Workbench. Every function writes into arrays that the caller passes, because Electron's V8 has no
//! external ArrayBuffers, and has a TypeScript twin or definition that its tests compare it with.

#![cfg_attr(test, allow(dead_code))] // what only JavaScript calls is registered with it, which tests do not do

mod adamw;
mod half_precision;
mod heap;
mod kernels;
mod leading_triplets;
mod operators;
mod parallel;
mod product;
mod quantization;
mod randomized_awsvd;
mod runtime;
mod triangle;
mod truncated_svd;
