/** Places of a word where two symbols may be merged, lowest rank first, then the one furthest left. */
export interface MergeQueue {
  readonly size: () => number;
  readonly push: (rank: number, place: number) => void;
  /** The first entry, taken out: its rank and place, joined as `rank * placeCount + place`. */
  readonly pop: () => number;
}

/** Rank and place fit one number exactly: places below 2^27, ranks below 2^26. */
export const placeCount = 2 ** 27;

/** A binary heap in a flat array. */
export const mergeQueue = (capacity: number): MergeQueue => {
  let keys = new Float64Array(Math.max(capacity, 16));
  let size = 0;
  return {
    size: () => size,
    push: (rank, place) => {
      if (size === keys.length) {
        const larger = new Float64Array(size * 2);
        larger.set(keys);
        keys = larger;
      }
      const key = rank * placeCount + place;
      let at = size++;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (keys[parent]! <= key) break;
        keys[at] = keys[parent]!;
        at = parent;
      }
      keys[at] = key;
    },
    pop: () => {
      const first = keys[0]!;
      const last = keys[--size]!;
      let at = 0;
      for (let child = 1; child < size; child = 2 * at + 1) {
        if (child + 1 < size && keys[child + 1]! < keys[child]!) child++;
        if (keys[child]! >= last) break;
        keys[at] = keys[child]!;
        at = child;
      }
      keys[at] = last;
      return first;
    },
  };
};
