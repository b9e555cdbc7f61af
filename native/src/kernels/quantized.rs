//! Products with weights in 8 bits: rows are rounded to 8 bits as well, and the sums of their products are whole numbers, exact in 32 bits.

pub mod blocks;
mod cells;
mod floats;
mod pack;
pub mod products;
pub mod rows;
#[cfg(test)]
mod tests;
