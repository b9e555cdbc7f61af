//! The three linear maps of Winograd's F(2 x 2, 3 x 3): Y = A^T [(G g G^T) * (B^T d B)] A, where d are 4 x 4 pixels, g the 3 x 3 kernel and Y the
//! 2 x 2 sums of pixels under it. A. Lavin, S. Gray: Fast Algorithms for Convolutional Neural Networks, arXiv:1509.09308. Lanes are calculated
//! side by side; no instruction set changes a bit.

use std::ops::Range;

use super::tiles::{Run, Tiles};
use crate::kernels::product::LANES;
use crate::parallel::Disjoint;

/// Products for a tile and a pair of channels.
pub const POINTS: usize = 16;

/// Lanes that are calculated at once.
const WIDTH: usize = 16;
type Lanes = [f32; WIDTH];

#[inline(always)]
fn at(values: &[f32], start: usize) -> &Lanes {
    values[start..]
        .first_chunk()
        .expect("as many as are asked for")
}
#[inline(always)]
fn at_mut(values: &mut [f32], start: usize) -> &mut Lanes {
    values[start..]
        .first_chunk_mut()
        .expect("as many as are asked for")
}
#[inline(always)]
fn combine(left: &Lanes, right: &Lanes, operation: impl Fn(f32, f32) -> f32) -> Lanes {
    let mut result = [0.0; WIDTH];
    for lane in 0..WIDTH {
        result[lane] = operation(left[lane], right[lane]);
    }
    result
}
#[inline(always)]
fn add(left: &Lanes, right: &Lanes) -> Lanes {
    combine(left, right, |left, right| left + right)
}
#[inline(always)]
fn subtract(left: &Lanes, right: &Lanes) -> Lanes {
    combine(left, right, |left, right| left - right)
}

/// B^T d.
#[inline(always)]
fn of_pixels(d: [&Lanes; 4]) -> [Lanes; 4] {
    [
        subtract(d[0], d[2]),
        add(d[1], d[2]),
        subtract(d[2], d[1]),
        subtract(d[1], d[3]),
    ]
}
/// G g.
#[inline(always)]
fn of_kernel(g: [&Lanes; 3]) -> [Lanes; 4] {
    let half = |left: f32, right: f32| 0.5 * (left + right);
    let outer = combine(g[0], g[2], half);
    let inner = combine(g[1], &[0.0; WIDTH], half);
    [*g[0], add(&outer, &inner), subtract(&outer, &inner), *g[2]]
}
/// A^T m.
#[inline(always)]
fn of_products(m: [&Lanes; 4]) -> [Lanes; 2] {
    [
        add(&add(m[0], m[1]), m[2]),
        subtract(&subtract(m[1], m[2]), m[3]),
    ]
}

/// Compiles a loop for wider vectors too, and takes them where they are there.
macro_rules! vectorised {
    ($(#[$about:meta])* pub fn $name:ident($($argument:ident: $kind:ty),* $(,)?) $body:block) => {
        $(#[$about])*
        pub fn $name($($argument: $kind),*) {
            #[inline(always)]
            fn body($($argument: $kind),*) $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn wide($($argument: $kind),*) {
                    body($($argument),*)
                }
                if is_x86_feature_detected!("avx2") {
                    // SAFETY: the instructions are there, as just asked.
                    return unsafe { wide($($argument),*) };
                }
            }
            body($($argument),*)
        }
    };
}

/// Tiles that are taken apart at once. There may be fewer: what reaches over is overwritten, or never read.
const CHUNK: usize = 8;

vectorised! {
    /// The 16 points of each tile of one group, for some of the channels of x (images x channels x height x width). Each of `points` gets LANES
    /// values for each of those.
    pub fn points_of_pixels(
        x: &[f32],
        tiles: &Tiles,
        runs: &[Run],
        channels: usize,
        taken: Range<usize>,
        points: &mut [&mut [f32]; POINTS],
    ) {
        let mut pixels = [[[0f32; LANES + CHUNK]; 4]; 4];
        let mut line = [0f32; 2 * (LANES + CHUNK) + 2];
        for channel in taken.clone() {
            for run in runs {
                let plane = &x[(run.image * channels + channel) * tiles.height * tiles.width..];
                for row in 0..4 {
                    line_of_pixels(plane, tiles, run, row, &mut line);
                    for start in (0..run.count).step_by(CHUNK) {
                        let line: &[f32; 2 * CHUNK + 2] =
                            line[2 * start..].first_chunk().expect("as long as all chunks");
                        for column in 0..4 {
                            let lanes: &mut [f32; CHUNK] = pixels[row][column][run.lane + start..]
                                .first_chunk_mut()
                                .expect("as long as all chunks");
                            for lane in 0..CHUNK {
                                lanes[lane] = line[2 * lane + column];
                            }
                        }
                    }
                }
            }
            for start in (0..LANES).step_by(WIDTH) {
                macro_rules! of_column {
                    ($column:literal) => {
                        of_pixels([0, 1, 2, 3].map(|row| at(&pixels[row][$column], start)))
                    };
                }
                let columns = [of_column!(0), of_column!(1), of_column!(2), of_column!(3)];
                for row in 0..4 {
                    let results = of_pixels([&columns[0][row], &columns[1][row], &columns[2][row], &columns[3][row]]);
                    for column in 0..4 {
                        let first = (channel - taken.start) * LANES;
                        *at_mut(points[4 * row + column], first + start) = results[column];
                    }
                }
            }
        }
    }
}

/// The pixels of one of the four rows under the tiles of a run, with the padding around the image. The first tile begins one pixel up and left of
/// where its results lie.
#[inline(always)]
fn line_of_pixels(
    plane: &[f32],
    tiles: &Tiles,
    run: &Run,
    row: usize,
    line: &mut [f32; 2 * (LANES + CHUNK) + 2],
) {
    let first = 2 * run.column;
    let length = 2 * run.count + 2;
    let Some(y) = (2 * run.row + row)
        .checked_sub(1)
        .filter(|y| *y < tiles.height)
    else {
        return line[..length].fill(0.0);
    };
    let source = &plane[y * tiles.width..(y + 1) * tiles.width];
    let source = &source[first.saturating_sub(1)..(first + length - 1).min(tiles.width)];
    let start = usize::from(first == 0);
    line[0] = 0.0;
    line[start..][..source.len()].copy_from_slice(source);
    for value in &mut line[start + source.len()..length] {
        *value = 0.0;
    }
}

/// Kernels that are transformed at once.
pub const BATCH: usize = 128;

/// Kernels of one input and outputs that follow one another.
pub struct Row<'a> {
    pub kernels: &'a [f32],
    /// From one to the next.
    pub step: usize,
    pub count: usize,
    /// By half a turn.
    pub turned: bool,
    /// From each to one that is read soon: fetched where there is an instruction for it.
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
    pub ahead: usize,
}

/// Sorts kernels by their entries: one of each goes to each of `entries`, from `first` on.
pub fn by_entry(row: &Row, entries: &mut [[f32; BATCH]; 9], first: usize) {
    let place = |entry: usize| if row.turned { 8 - entry } else { entry };
    #[cfg(target_arch = "x86_64")]
    if row.count == 8 && is_x86_feature_detected!("avx2") {
        assert!(row.kernels.len() >= 7 * row.step + 9 && first + 8 <= BATCH);
        // SAFETY: the instructions are there, and the slices hold what is read and written, as just asked.
        unsafe { eight_by_entry(row, |entry| entries[place(entry)].as_mut_ptr().add(first)) };
        return;
    }
    for at in 0..row.count {
        for (entry, value) in row.kernels[at * row.step..][..9].iter().enumerate() {
            entries[place(entry)][first + at] = *value;
        }
    }
}

/// # Safety
/// There must be AVX2, eight kernels, and room for eight values at every target.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn eight_by_entry(
    &Row {
        kernels,
        step,
        ahead,
        ..
    }: &Row,
    mut target: impl FnMut(usize) -> *mut f32,
) {
    use std::arch::x86_64::*;
    // SAFETY: as the caller says.
    unsafe {
        let start = kernels.as_ptr();
        let mut rows = [_mm256_setzero_ps(); 8];
        for (at, row) in rows.iter_mut().enumerate() {
            *row = _mm256_loadu_ps(start.add(at * step));
            _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(at * step + ahead).cast());
        }
        // Pairs, fours and eights of a transposition, each twice, as instructions stay within halves.
        let mut pairs = [_mm256_setzero_ps(); 8];
        for at in 0..4 {
            pairs[2 * at] = _mm256_unpacklo_ps(rows[2 * at], rows[2 * at + 1]);
            pairs[2 * at + 1] = _mm256_unpackhi_ps(rows[2 * at], rows[2 * at + 1]);
        }
        let mut fours = [_mm256_setzero_ps(); 8];
        for half in 0..2 {
            for at in 0..2 {
                let (low, high) = (pairs[4 * half + at], pairs[4 * half + 2 + at]);
                fours[4 * half + 2 * at] = _mm256_shuffle_ps::<0b0100_0100>(low, high);
                fours[4 * half + 2 * at + 1] = _mm256_shuffle_ps::<0b1110_1110>(low, high);
            }
        }
        for at in 0..4 {
            let low = _mm256_permute2f128_ps::<0x20>(fours[at], fours[4 + at]);
            let high = _mm256_permute2f128_ps::<0x31>(fours[at], fours[4 + at]);
            _mm256_storeu_ps(target(at), low);
            _mm256_storeu_ps(target(4 + at), high);
        }
        let last = target(8);
        for at in 0..8 {
            *last.add(at) = *start.add(at * step + 8);
        }
    }
}

vectorised! {
    /// The 16 points of `count` kernels, whose nine entries are given one by one. Each of `points` gets `count` values from `first` on.
    pub fn points_of_kernels(
        entries: &[[f32; BATCH]; 9],
        count: usize,
        points: &mut [&mut [f32]; POINTS],
        first: usize,
    ) {
        for start in (0..count).step_by(WIDTH) {
            macro_rules! of_column {
                ($column:literal) => {
                    of_kernel([0, 3, 6].map(|row| at(&entries[row + $column], start)))
                };
            }
            let columns = [of_column!(0), of_column!(1), of_column!(2)];
            for row in 0..4 {
                let results = of_kernel([&columns[0][row], &columns[1][row], &columns[2][row]]);
                for column in 0..4 {
                    let target = &mut points[4 * row + column][first + start..];
                    match target.first_chunk_mut::<WIDTH>() {
                        Some(target) if start + WIDTH <= count => *target = results[column],
                        _ => (0..count - start).for_each(|lane| target[lane] = results[column][lane]),
                    }
                }
            }
        }
    }
}

vectorised! {
    /// Puts the tiles of one group together for one channel of y (images x channels x height x width), from their points: LANES each, `step`
    /// after one another.
    pub fn pixels_of_points(
        points: &[f32],
        step: usize,
        tiles: &Tiles,
        runs: &[Run],
        channels: usize,
        channel: usize,
        y: &Disjoint<f32>,
    ) {
        let mut pixels = [[0f32; 2 * LANES]; 2];
        for start in (0..LANES).step_by(WIDTH) {
            macro_rules! of_column {
                ($column:literal) => {
                    of_products([0, 4, 8, 12].map(|row| at(points, (row + $column) * step + start)))
                };
            }
            let columns = [of_column!(0), of_column!(1), of_column!(2), of_column!(3)];
            for row in 0..2 {
                let [even, odd] = of_products([&columns[0][row], &columns[1][row], &columns[2][row], &columns[3][row]]);
                let target = &mut pixels[row][2 * start..][..2 * WIDTH];
                for lane in 0..WIDTH {
                    target[2 * lane] = even[lane];
                    target[2 * lane + 1] = odd[lane];
                }
            }
        }
        for run in runs {
            let plane = (run.image * channels + channel) * tiles.height * tiles.width;
            let count = (2 * run.count).min(tiles.width - 2 * run.column);
            for row in 0..2.min(tiles.height - 2 * run.row) {
                let start = plane + (2 * run.row + row) * tiles.width + 2 * run.column;
                // SAFETY: a pixel belongs to one tile, and a tile of a channel is put together by one thread.
                let target = unsafe { y.slice(start..start + count) };
                target.copy_from_slice(&pixels[row][2 * run.lane..][..count]);
            }
        }
    }
}
