/** A map from pairs of whole numbers below 2^31 to one, in flat arrays: far smaller and faster than a Map of joined keys. */
export interface PairTable {
  readonly set: (left: number, right: number, value: number) => void;
  /** -1 where the pair is not there */
  readonly get: (left: number, right: number) => number;
}

/** @param capacity how many pairs at most */
export const pairTable = (capacity: number): PairTable => {
  const slots = 2 ** Math.ceil(Math.log2(Math.max(capacity, 8) * 2));
  const mask = slots - 1;
  const lefts = new Int32Array(slots);
  const rights = new Int32Array(slots);
  const values = new Int32Array(slots).fill(-1);

  const slotOf = (left: number, right: number): number => {
    let slot = (Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & mask;
    while (values[slot] !== -1 && (lefts[slot] !== left || rights[slot] !== right)) slot = (slot + 1) & mask;
    return slot;
  };
  return {
    set: (left, right, value) => {
      const slot = slotOf(left, right);
      lefts[slot] = left;
      rights[slot] = right;
      values[slot] = value;
    },
    get: (left, right) => values[slotOf(left, right)]!,
  };
};
