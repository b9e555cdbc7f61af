//! Sessions of ONNX Runtime, opened through the C API of the library that onnxruntime-node ships, so that they can have operators
//! of our own. Everything unsafe about it is in this folder; what kernels see is safe.

mod api;
mod context;
mod custom_op;
mod element;
mod library;
mod operator;
mod pool;
mod session;
mod settings;
mod status;
mod values;
mod workspace;

pub use context::{Context, View};
pub use custom_op::Registration;
pub use element::{Element, Int4Pair};
pub use operator::{Attributes, CustomOperator, Slot};
