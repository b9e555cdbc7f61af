import { mergeQueue, placeCount } from './merge-queue.ts';
import type { PairTable } from './pair-table.ts';

/** The merges of a byte-pair encoding: each pair's rank, and what a rank gives. */
export interface Merges {
  readonly ranks: PairTable;
  readonly results: Int32Array;
}

/** Symbols of a word: ids, and how many UTF-8 bytes each stands for. */
export interface Symbols {
  readonly ids: number[];
  readonly lengths: number[];
}

const none = -1;

/**
 * Merges neighbours, always the pair of lowest rank and of these the leftmost, until none is left: in n log n for n symbols, so
 * that a row without white space takes no longer than others.
 */
export const mergeSymbols = ({ ids, lengths }: Symbols, { ranks, results }: Merges): Symbols => {
  const count = ids.length;
  if (count < 2) return { ids, lengths };
  const next = new Int32Array(count);
  const previous = new Int32Array(count);
  const queue = mergeQueue(count);
  for (let place = 0; place < count; place++) {
    next[place] = place + 1 < count ? place + 1 : none;
    previous[place] = place - 1;
    if (place + 1 === count) continue;
    const rank = ranks.get(ids[place]!, ids[place + 1]!);
    if (rank !== none) queue.push(rank, place);
  }
  if (queue.size() === 0) return { ids, lengths };

  const offer = (left: number, right: number): void => {
    const rank = ranks.get(ids[left]!, ids[right]!);
    if (rank !== none) queue.push(rank, left);
  };
  while (queue.size() > 0) {
    const key = queue.pop();
    const place = key % placeCount;
    const result = results[Math.floor(key / placeCount)]!;
    const right = next[place]!;
    if (lengths[place] === 0 || right === none) continue;
    // an entry whose symbols have been merged with others since then
    const rank = ranks.get(ids[place]!, ids[right]!);
    if (rank === none || results[rank] !== result) continue;

    ids[place] = result;
    lengths[place]! += lengths[right]!;
    lengths[right] = 0;
    const after = next[right]!;
    next[place] = after;
    if (after !== none) {
      previous[after] = place;
      offer(place, after);
    }
    const before = previous[place]!;
    if (before !== none) offer(before, place);
  }
  const isLeft = (_: number, place: number): boolean => lengths[place] !== 0;
  return { ids: ids.filter(isLeft), lengths: lengths.filter(isLeft) };
};
