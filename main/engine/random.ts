/** The four 32-bit words of xoshiro128**; plain JSON. */
export type RandomState = readonly [number, number, number, number];

export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal (mean 0, variance 1). */
  normal(): number;
  /** Uniform integer in [0, bound), unbiased; 1 <= bound <= 2^32. */
  integer(bound: number): number;
  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<Element>(array: Element[]): Element[];
  /** What `randomFromState` needs to go on exactly from here. */
  state(): RandomState;
}

/**
 * xoshiro128** 1.1 (Blackman and Vigna, 2018), seeded through splitmix32. The same seed and stream give the same numbers on
 * every platform. Streams of one seed are independent: one per epoch, per tensor, ...
 * @param seed any safe integer
 */
export const createRandom = (seed: number, stream = 0): Random => {
  const mix = splitmix32(seed, stream);
  return randomFromState([mix(), mix(), mix(), mix()]);
};

export const randomFromState = (state: RandomState): Random => {
  let [a, b, c, d] = state.map((word) => word >>> 0) as [number, number, number, number];

  const next = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };

  const uniform = (): number => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) * 2 ** -53;

  const integer = (bound: number): number => {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32)
      throw new RangeError(`integer bound out of range: ${bound}`);
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let value = next();
    while (value >= limit) value = next();
    return value % bound;
  };

  return {
    uniform,
    // Box-Muller without keeping the second value, so that the state is the four words alone. 1 - u lies in (0, 1].
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    integer,
    shuffle: (array) => {
      for (let last = array.length - 1; last > 0; last--) {
        const other = integer(last + 1);
        [array[last], array[other]] = [array[other]!, array[last]!];
      }
      return array;
    },
    state: () => [a >>> 0, b >>> 0, c >>> 0, d >>> 0],
  };
};

const rotateLeft = (word: number, count: number): number => (word << count) | (word >>> (32 - count));

/** Spreads (seed, stream) over well-mixed words; never yields four zeros, which xoshiro could not leave. */
const splitmix32 = (seed: number, stream: number): (() => number) => {
  if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(stream))
    throw new RangeError('a seed is a whole number');
  let state = 0;
  const absorb = (word: number): void => {
    state = scramble((state ^ word) + 0x9e3779b9);
  };
  for (const value of [seed, stream]) {
    absorb(value | 0);
    absorb(Math.floor(value / 2 ** 32) | 0);
  }
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return scramble(state) >>> 0;
  };
};

const scramble = (word: number): number => {
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
  return word ^ (word >>> 15);
};
