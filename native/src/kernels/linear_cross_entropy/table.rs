//! The table's rows as the products read them.

use super::{GROUP, panel};
use crate::kernels::lanes::Lanes;
use crate::kernels::small_product::Terms;
use half::bf16;
use std::ops::Range;

/// Rows of scores, one for each output.
#[derive(Clone, Copy)]
pub enum Table<'a> {
    Single(&'a [f32]),
    /// bfloat16: the upper halves of float32.
    Brain(&'a [bf16]),
}

impl Table<'_> {
    pub fn len(&self) -> usize {
        match self {
            Table::Single(values) => values.len(),
            Table::Brain(values) => values.len(),
        }
    }

    /// Asks for the lines of the cache that some places of a row of `width` are in, before they are needed.
    #[inline(always)]
    pub fn prefetch(&self, width: usize, row: usize, places: &Range<usize>) {
        let (start, size): (*const u8, usize) = match self {
            Table::Single(values) => (values.as_ptr().cast(), 4),
            Table::Brain(values) => (values.as_ptr().cast(), 2),
        };
        let from = (row * width + places.start) * size;
        for offset in (from..from + places.len() * size).step_by(64) {
            prefetch(start.wrapping_add(offset));
        }
    }
}

/// Into the second cache: what is prefetched is packed once, and then read from where it was packed to.
#[inline(always)]
fn prefetch(place: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch of whatever address does nothing that could fail.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(place.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

#[inline(always)]
fn widened(half: bf16) -> f32 {
    f32::from_bits(u32::from(half.to_bits()) << 16)
}

/// The nearest bfloat16, to even where two are; as bits. What is not a number stays none.
#[inline(always)]
pub fn narrowed(value: f32) -> u32 {
    let bits = value.to_bits();
    let rounded = (bits.wrapping_add(0x7fff + ((bits >> 16) & 1))) >> 16;
    if value.is_nan() {
        bits >> 16 | 0x40
    } else {
        rounded
    }
}

/// Two bfloat16 as a word, the first one in its lower half.
#[inline(always)]
pub fn word(low: u32, high: u32) -> f32 {
    f32::from_bits(low | high << 16)
}

/// A word of a row: the number at that place, or the pair of them, with zero beyond the row's end.
#[inline(always)]
fn word_at(per_word: usize, table: Table, width: usize, row: usize, place: usize) -> f32 {
    let at = |place: usize| row * width + place;
    if per_word == 1 {
        return match table {
            Table::Single(values) => values[at(place)],
            Table::Brain(values) => widened(values[at(place)]),
        };
    }
    let half = |place: usize| match table {
        _ if place >= width => 0,
        Table::Single(values) => narrowed(values[at(place)]),
        Table::Brain(values) => u32::from(values[at(place)].to_bits()),
    };
    word(half(2 * place), half(2 * place + 1))
}

/// Eight whole words of a row.
#[inline(always)]
fn copy_words(per_word: usize, table: Table, start: usize, to: &mut [f32]) {
    let range = start..start + 8 * per_word;
    match (table, per_word) {
        (Table::Single(values), 1) => to.copy_from_slice(&values[range]),
        (Table::Brain(values), 1) => {
            for (to, &half) in to.iter_mut().zip(&values[range]) {
                *to = widened(half);
            }
        }
        (Table::Single(values), _) => {
            for (to, pair) in to.iter_mut().zip(values[range].chunks_exact(2)) {
                *to = word(narrowed(pair[0]), narrowed(pair[1]));
            }
        }
        (Table::Brain(values), _) => {
            for (to, pair) in to.iter_mut().zip(values[range].chunks_exact(2)) {
                *to = word(u32::from(pair[0].to_bits()), u32::from(pair[1].to_bits()));
            }
        }
    }
}

/// Where a row's words lie as they are, and how many from one row to the next.
#[inline(always)]
fn as_it_lies(per_word: usize, table: Table, width: usize) -> Option<(*const f32, usize)> {
    match table {
        Table::Single(values) if per_word == 1 => Some((values.as_ptr(), width)),
        Table::Brain(values) if per_word == 2 && width % 2 == 0 => {
            Some((values.as_ptr().cast(), width / 2))
        }
        _ => None,
    }
}

/// Some words of some rows, turned: to[word][row], `step` from one word to the next.
#[inline(always)]
pub unsafe fn turned<L: Lanes, M: Terms<L>>(
    table: Table,
    width: usize,
    rows: Range<usize>,
    words: Range<usize>,
    step: usize,
    to: &mut [f32],
) {
    assert!(rows.len() <= step && to.len() >= words.len() * step);
    assert!(words.end <= width.div_ceil(M::PER_WORD) && table.len() >= rows.end * width);
    let lies = as_it_lies(M::PER_WORD, table, width);
    let mut copied = [0f32; 8 * 8];
    let eights = rows.len() - rows.len() % 8;
    let whole = words
        .end
        .min(width / M::PER_WORD)
        .saturating_sub(words.start)
        / 8
        * 8;
    for row in (0..eights).step_by(8) {
        for place in (0..whole).step_by(8) {
            let (from_row, from_word) = (rows.start + row, words.start + place);
            let (from, stride) = match lies {
                // SAFETY: within the table, as asserted.
                Some((start, stride)) => {
                    (unsafe { start.add(from_row * stride + from_word) }, stride)
                }
                None => {
                    for (at, to) in copied.chunks_exact_mut(8).enumerate() {
                        let start = (from_row + at) * width + from_word * M::PER_WORD;
                        copy_words(M::PER_WORD, table, start, to);
                    }
                    (copied.as_ptr(), 8)
                }
            };
            // SAFETY: eight rows of eight are there, and as many places to write to.
            unsafe {
                L::transpose_eight(from, stride, to[place * step + row..].as_mut_ptr(), step)
            };
        }
    }
    for row in 0..rows.len() {
        let done = if row < eights { whole } else { 0 };
        for place in done..words.len() {
            to[place * step + row] = word_at(
                M::PER_WORD,
                table,
                width,
                rows.start + row,
                words.start + place,
            );
        }
    }
}

/// A panel's places of some rows, or as many as there are and zeros: to[row][place], or of two rows a word: to[pair of rows][place], with zeros
/// for a row that is missing.
#[inline(always)]
pub fn straight<L: Lanes, M: Terms<L>>(
    table: Table,
    width: usize,
    rows: Range<usize>,
    places: Range<usize>,
    to: &mut [f32],
) {
    let lines = rows.len().div_ceil(M::PER_WORD);
    let step = panel::<L>();
    assert!(places.len() <= step && to.len() >= lines * step);
    let count = places.len();
    for (line, to) in to.chunks_exact_mut(step).take(lines).enumerate() {
        let row = rows.start + line * M::PER_WORD;
        let range = |row: usize| row * width + places.start..row * width + places.end;
        let (to, rest) = to.split_at_mut(count);
        rest.fill(0.0);
        if M::PER_WORD == 1 {
            match table {
                Table::Single(values) => to.copy_from_slice(&values[range(row)]),
                Table::Brain(values) => {
                    for (to, &half) in to.iter_mut().zip(&values[range(row)]) {
                        *to = widened(half);
                    }
                }
            }
            continue;
        }
        let has_next = row + 1 < rows.end;
        match table {
            Table::Single(values) => {
                let low = &values[range(row)];
                let high = if has_next {
                    &values[range(row + 1)]
                } else {
                    &[0f32; GROUP][..count]
                };
                for ((to, &low), &high) in to.iter_mut().zip(low).zip(high) {
                    *to = word(narrowed(low), narrowed(high));
                }
            }
            Table::Brain(values) => {
                let low = &values[range(row)];
                let high = if has_next {
                    &values[range(row + 1)]
                } else {
                    &[bf16::ZERO; GROUP][..count]
                };
                for ((to, &low), &high) in to.iter_mut().zip(low).zip(high) {
                    *to = word(u32::from(low.to_bits()), u32::from(high.to_bits()));
                }
            }
        }
    }
}

/// Lines of numbers, [line][row of the group], to words of two of them in their place. A line that is missing is zero.
#[inline(always)]
pub fn paired(lines: &mut [f32]) {
    let count = lines.len() / GROUP;
    for pair in 0..count.div_ceil(2) {
        let at = |line: usize| line * GROUP..(line + 1) * GROUP;
        let mut high = [0f32; GROUP];
        if 2 * pair + 1 < count {
            high.copy_from_slice(&lines[at(2 * pair + 1)]);
        }
        let mut words = [0f32; GROUP];
        let low = &lines[at(2 * pair)];
        for ((word_to, &low), &high) in words.iter_mut().zip(low).zip(&high) {
            *word_to = word(narrowed(low), narrowed(high));
        }
        lines[at(pair)].copy_from_slice(&words);
    }
}
