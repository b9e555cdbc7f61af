//! softmax(scale q k^T + bias) v and its gradient without ever having the scores in memory (Dao et al., arXiv 2205.14135 and
//! 2307.08691), laid out for a CPU: queries lie along the lanes of vectors, so that the softmax of a row needs no sum across a vector
//! and no width of a head leaves lanes unused; keys and values are read as they lie. What the bias masks whole is left out, whatever the
//! reason: keys after a query, other texts, padding, what is out of a window.

mod forward;
mod gradient;
mod masks;
mod strips;
#[cfg(test)]
mod tests;

pub use forward::attention;
pub use gradient::{Gradients, attention_gradient};

/// q is batch x heads x queries x width; k and v are batch x key_value_heads x keys x width. Neighbouring heads of queries share one of
/// keys and values.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub batch: usize,
    pub heads: usize,
    pub key_value_heads: usize,
    pub queries: usize,
    pub keys: usize,
    pub width: usize,
}

impl Shape {
    pub fn of_queries(&self) -> usize {
        self.batch * self.heads * self.queries * self.width
    }
    pub fn of_keys(&self) -> usize {
        self.batch * self.key_value_heads * self.keys * self.width
    }
    pub fn of_bias(&self) -> usize {
        self.batch * self.queries * self.keys
    }
}

/// What is attended to, all row-major and contiguous.
#[derive(Clone, Copy)]
pub struct Attended<'a> {
    pub shape: Shape,
    pub q: &'a [f32],
    pub k: &'a [f32],
    pub v: &'a [f32],
    /// batch x queries x keys, the same for every head.
    pub bias: Option<&'a [f32]>,
    pub scale: f32,
    /// Scores become softcap tanh(score / softcap) before the bias.
    pub softcap: Option<f32>,
    /// Where keys after a query are masked for sure: queries in tiles of so many see no key after their tile's last query, the last query
    /// being the last key's. It matters only to queries all of whose keys are masked: they weigh them alike.
    pub causal_tile: Option<usize>,
}

/// Keys that are gone through at a time: a multiple of the rows that products keep in registers.
const KEY_TILE: usize = 96;

/// What a bias at or below this number masks. The scores of real keys are nowhere near.
const MASKED: f32 = -1e29;

impl Attended<'_> {
    fn check(&self) {
        let shape = &self.shape;
        assert!(
            shape.key_value_heads > 0 && shape.heads.is_multiple_of(shape.key_value_heads),
            "{} heads of queries cannot share {} of keys",
            shape.heads,
            shape.key_value_heads
        );
        assert_eq!(self.q.len(), shape.of_queries(), "queries");
        assert_eq!(self.k.len(), shape.of_keys(), "keys");
        assert_eq!(self.v.len(), shape.of_keys(), "values");
        if let Some(bias) = self.bias {
            assert_eq!(bias.len(), shape.of_bias(), "a bias");
        }
    }

    /// How many keys a query sees at most.
    fn limit(&self, query: usize) -> usize {
        let Shape { queries, keys, .. } = self.shape;
        match self.causal_tile {
            Some(tile) if queries <= keys => keys.min(keys - queries + (query / tile + 1) * tile),
            _ => keys,
        }
    }

    /// What products of q and k are multiplied by: scores are kept in powers of two, or in soft caps.
    fn factor(&self) -> f32 {
        match self.softcap {
            None => self.scale * std::f32::consts::LOG2_E,
            Some(cap) => self.scale / cap,
        }
    }

    /// A key/value head's keys or values.
    fn of_head<'b>(&self, all: &'b [f32], batch: usize, key_value_head: usize) -> &'b [f32] {
        let length = self.shape.keys * self.shape.width;
        let at = batch * self.shape.key_value_heads + key_value_head;
        &all[at * length..(at + 1) * length]
    }

    /// Rows of a head of queries.
    fn rows<'b>(
        &self,
        all: &'b [f32],
        (batch, head): (usize, usize),
        rows: &std::ops::Range<usize>,
    ) -> &'b [f32] {
        let width = self.shape.width;
        let start = (batch * self.shape.heads + head) * self.shape.queries;
        &all[(start + rows.start) * width..(start + rows.end) * width]
    }
}
