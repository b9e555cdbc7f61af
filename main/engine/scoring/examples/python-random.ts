/** Numbers as Python's `random.Random(seed)` draws them: the Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998). */
export interface PythonRandom {
  /** `sample(range(size), count)`: so many different numbers below `size`, in the order in which they are drawn. */
  readonly sample: (size: number, count: number) => number[];
}

const words = 624;
const apart = 397;

/** @param seed a whole number of 32 bits */
export const pythonRandom = (seed: number): PythonRandom => {
  const state = seeded(seed);
  let next = words;
  const word = (): number => {
    if (next === words) {
      twist(state);
      next = 0;
    }
    let y = state[next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
  /** Drawn again where it is too large, so that all are equally likely. */
  const below = (limit: number): number => {
    const bits = 32 - Math.clz32(limit);
    for (;;) {
      const drawn = word() >>> (32 - bits);
      if (drawn < limit) return drawn;
    }
  };
  return {
    sample: (size, count) =>
      size <= listedUpTo(count) ? sampleOfList(size, count, below) : sampleOfMany(size, count, below),
  };
};

/** Python takes the drawn ones out of a list where that is smaller than a set of them would be. */
const listedUpTo = (count: number): number =>
  count > 5 ? 21 + 4 ** Math.ceil(Math.log(count * 3) / Math.log(4)) : 21;

const sampleOfList = (size: number, count: number, below: (limit: number) => number): number[] => {
  const left = Array.from({ length: size }, (_, index) => index);
  return Array.from({ length: count }, (_, drawn) => {
    const at = below(size - drawn);
    const chosen = left[at]!;
    left[at] = left[size - drawn - 1]!;
    return chosen;
  });
};

const sampleOfMany = (size: number, count: number, below: (limit: number) => number): number[] => {
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(below(size));
  return [...chosen];
};

/** The generator's state from one word, as its authors' `init_by_array` makes it. */
const seeded = (seed: number): Uint32Array => {
  const state = new Uint32Array(words);
  state[0] = 19650218;
  const mixed = (index: number): number => {
    const before = state[index - 1]!;
    return before ^ (before >>> 30);
  };
  for (let index = 1; index < words; index++) state[index] = Math.imul(1812433253, mixed(index)) + index;
  let at = 1;
  const forward = (change: (index: number) => number): void => {
    state[at] = change(at);
    at += 1;
    if (at < words) return;
    state[0] = state[words - 1]!;
    at = 1;
  };
  for (let step = 0; step < words; step++)
    forward((index) => (state[index]! ^ Math.imul(mixed(index), 1664525)) + seed);
  for (let step = 1; step < words; step++)
    forward((index) => (state[index]! ^ Math.imul(mixed(index), 1566083941)) - index);
  state[0] = 0x80000000;
  return state;
};

const twist = (state: Uint32Array): void => {
  for (let index = 0; index < words; index++) {
    const y = (state[index]! & 0x80000000) | (state[(index + 1) % words]! & 0x7fffffff);
    state[index] = state[(index + apart) % words]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
};
