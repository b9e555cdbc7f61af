//! What a bias does to tiles of scores, found once for all heads.

use super::strips::{Strip, keys_of};
use super::{Attended, KEY_TILE, MASKED};
use crate::parallel::{Parallel, for_each_part};

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum MaskKind {
    /// All zeros: nothing is added.
    #[default]
    None,
    Part,
    /// Every key is masked for every query.
    Whole,
}

/// Of each batch, strip of queries and tile of keys.
pub struct Masks {
    kinds: Vec<MaskKind>,
    strips: usize,
    tiles: usize,
}

impl Masks {
    pub fn of(attended: &Attended, strips: &[Strip], parallel: &dyn Parallel) -> Self {
        let tiles = attended.shape.keys.div_ceil(KEY_TILE);
        let mut kinds = Vec::new();
        if attended.bias.is_some() {
            kinds = vec![MaskKind::None; attended.shape.batch * strips.len() * tiles];
            for_each_part(parallel, &mut kinds, tiles.max(1), |at, kinds| {
                let (batch, strip) = (at / strips.len(), &strips[at % strips.len()]);
                for (tile, kind) in kinds.iter_mut().enumerate() {
                    *kind = kind_of(attended, batch, strip, tile);
                }
            });
        }
        Self {
            kinds,
            strips: strips.len(),
            tiles,
        }
    }

    pub fn kind(&self, batch: usize, strip: usize, tile: usize) -> MaskKind {
        self.kinds
            .get((batch * self.strips + strip) * self.tiles + tile)
            .copied()
            .unwrap_or_default()
    }
}

fn kind_of(attended: &Attended, batch: usize, strip: &Strip, tile: usize) -> MaskKind {
    let keys = keys_of(attended, strip, tile);
    let (mut is_zero, mut is_masked) = (true, true);
    for query in strip.queries.clone() {
        let start = (batch * attended.shape.queries + query) * attended.shape.keys;
        for &value in attended
            .bias
            .map_or(&[][..], |bias| &bias[start..][keys.clone()])
        {
            is_zero &= value == 0.0;
            is_masked &= value <= MASKED;
        }
    }
    // Also where there are no keys.
    if is_masked {
        return MaskKind::Whole;
    }
    if is_zero {
        MaskKind::None
    } else {
        MaskKind::Part
    }
}
