//! Where the 2 x 2 pixels of each tile lie. Tiles of all images are counted through, row by row, in groups of LANES.

use crate::kernels::product::LANES;

/// Tiles beside one another in one row, as far as one group has them.
pub struct Run {
    pub image: usize,
    /// Of tiles: half of the pixels' row and column.
    pub row: usize,
    pub column: usize,
    pub count: usize,
    /// Of the group, where the first of them is.
    pub lane: usize,
}

#[derive(Clone, Copy)]
pub struct Tiles {
    pub images: usize,
    pub height: usize,
    pub width: usize,
}

impl Tiles {
    fn rows(&self) -> usize {
        self.height.div_ceil(2)
    }
    fn columns(&self) -> usize {
        self.width.div_ceil(2)
    }
    fn count(&self) -> usize {
        self.images * self.rows() * self.columns()
    }
    pub fn groups(&self) -> usize {
        self.count().div_ceil(LANES)
    }
    /// How many of a group's lanes have a tile.
    pub fn lanes(&self, group: usize) -> usize {
        LANES.min(self.count() - group * LANES)
    }
    pub fn runs(self, group: usize) -> impl Iterator<Item = Run> {
        let (rows, columns) = (self.rows(), self.columns());
        let (mut at, end) = (group * LANES, group * LANES + self.lanes(group));
        std::iter::from_fn(move || {
            (at < end).then(|| {
                let (row, column) = (at / columns, at % columns);
                let count = (columns - column).min(end - at);
                let lane = at % LANES;
                at += count;
                Run {
                    image: row / rows,
                    row: row % rows,
                    column,
                    count,
                    lane,
                }
            })
        })
    }
}
