import type { Tensor } from '../../tensor.ts';
import { pastNames, type CacheShape } from '../graph/decoding-graph.ts';

/**
 * Keys and values of the tokens of some rows, in buffers that stay where they are from token to token. A row's tokens stand from place 0 on,
 * whatever the lengths of the others; places behind them are masked.
 */
export interface Cache {
  readonly rows: number;
  /** Places of each row. */
  readonly capacity: number;
  /** Tokens of each row so far. */
  readonly lengths: number[];
  /** As the graph takes them. */
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** Buffers grow by so many places: what is masked is computed all the same, and growing copies everything. */
const step = 64;

export const capacityFor = (tokens: number): number => Math.max(1, Math.ceil(tokens / step)) * step;

export const createCache = (shape: CacheShape, rows: number, capacity: number): Cache => {
  const { layers, keyValueHeads, width } = shape;
  const size = [rows, keyValueHeads, capacity, width];
  const buffer = (): Tensor => ({
    shape: size,
    data: new Float32Array(rows * keyValueHeads * capacity * width),
  });
  const perPlace = (): Tensor => ({ shape: [rows, capacity], data: new BigInt64Array(rows * capacity) });
  const layerFeeds = Array.from({ length: layers }, (_, layer) => {
    const { keys, values } = pastNames(layer);
    return { [keys]: buffer(), [values]: buffer() };
  });
  return {
    rows,
    capacity,
    lengths: Array.from({ length: rows }, () => 0),
    feeds: Object.assign(
      { past_mask: perPlace(), past_positions: perPlace(), past_segments: perPlace() },
      ...layerFeeds,
    ) as Record<string, Tensor>,
  };
};

/** A row of a cache. */
export interface CachedRow {
  readonly cache: Cache;
  readonly row: number;
}

/** A cache of these rows, which may stand in several. */
export const joinRows = (shape: CacheShape, parts: readonly CachedRow[], capacity: number): Cache => {
  const joined = createCache(shape, parts.length, capacity);
  const { keyValueHeads, width } = shape;
  parts.forEach(({ cache, row }, to) => {
    const length = cache.lengths[row] as number;
    joined.lengths[to] = length;
    for (const [name, { data, shape: size }] of Object.entries(joined.feeds)) {
      const heads = size.length === 4 ? keyValueHeads : 1;
      const numbers = size.length === 4 ? width : 1;
      for (let head = 0; head < heads; head++) {
        const from = (row * heads + head) * cache.capacity * numbers;
        copy(
          cache.feeds[name]!.data,
          [from, from + length * numbers],
          data,
          (to * heads + head) * capacity * numbers,
        );
      }
    }
  });
  return joined;
};

const copy = (
  from: Tensor['data'],
  [start, end]: readonly [number, number],
  to: Tensor['data'],
  at: number,
): void => (to as Float32Array).set((from as Float32Array).subarray(start, end), at);

/**
 * Puts the keys and values of new tokens behind those that each row has.
 * @param memory as the graph gives it (2 * layers * rows x key/value heads x sequence x width)
 * @param counts how many of the sequence are tokens of the row, from its start on
 */
export const remember = (
  cache: Cache,
  { layers, keyValueHeads, width }: CacheShape,
  memory: Float32Array,
  { sequence, counts }: { readonly sequence: number; readonly counts: readonly number[] },
): void => {
  const { rows, capacity, lengths, feeds } = cache;
  for (let layer = 0; layer < layers; layer++) {
    const { keys, values } = pastNames(layer);
    [keys, values].forEach((name, part) => {
      const data = feeds[name]!.data as Float32Array;
      for (let row = 0; row < rows; row++)
        for (let head = 0; head < keyValueHeads; head++) {
          const from = (((2 * layer + part) * rows + row) * keyValueHeads + head) * sequence * width;
          const at = ((row * keyValueHeads + head) * capacity + lengths[row]!) * width;
          data.set(memory.subarray(from, from + counts[row]! * width), at);
        }
    });
  }
  const [mask, positions] = [feeds['past_mask']!.data, feeds['past_positions']!.data];
  for (let row = 0; row < rows; row++) {
    for (let token = 0; token < counts[row]!; token++) {
      const place = lengths[row]! + token;
      mask[row * capacity + place] = 1n;
      positions[row * capacity + place] = BigInt(place);
    }
    lengths[row]! += counts[row]!;
  }
};
