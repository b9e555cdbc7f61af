/** What the published draws take from Python's `random`, number for number. */
export interface PythonRandom {
  /** As `getrandbits(bits)`, 1 to 32 bits. */
  bits(bits: number): number;
  /** As `random()`: 53 bits, at least 0 and less than 1. */
  uniform(): number;
  /** As `sample(population, count)`. */
  sample<Element>(population: readonly Element[], count: number): Element[];
  /** As `choices(population, k=count)`: with repetition. */
  choices<Element>(population: readonly Element[], count: number): Element[];
}

const size = 624;
const offset = 397;

/**
 * The Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998) as Python 3 seeds it with a whole number and draws from it.
 * @param seed any safe integer; Python takes its absolute value
 */
export const createPythonRandom = (seed: number): PythonRandom => {
  const state = seededByArray(wordsOf(seed));
  let position = size;

  const next = (): number => {
    if (position === size) {
      twist(state);
      position = 0;
    }
    let word = state[position++]!;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  };
  const bits = (count: number): number => next() >>> (32 - count);
  const uniform = (): number => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) * 2 ** -53;
  /** 0 to bound - 1, bound at least 1. */
  const below = (bound: number): number => {
    const count = 32 - Math.clz32(bound);
    let value = bits(count);
    while (value >= bound) value = bits(count);
    return value;
  };

  return {
    bits,
    uniform,
    sample: (population, count) => {
      const { length } = population;
      if (count > length || count < 0) throw new RangeError(`a sample of ${count} from ${length}`);
      if (length <= poolLimit(count)) {
        const pool = [...population];
        return Array.from({ length: count }, (_, drawn) => {
          const at = below(length - drawn);
          const element = pool[at]!;
          pool[at] = pool[length - drawn - 1]!;
          return element;
        });
      }
      const selected = new Set<number>();
      return Array.from({ length: count }, () => {
        let at = below(length);
        while (selected.has(at)) at = below(length);
        selected.add(at);
        return population[at]!;
      });
    },
    choices: (population, count) =>
      Array.from({ length: count }, () => population[Math.floor(uniform() * population.length)]!),
  };
};

/** Up to which length Python copies the population rather than remembering what was drawn: by what either would take in its memory. */
const poolLimit = (count: number): number => {
  let limit = 21;
  if (count > 5) {
    let power = 1;
    while (power < count * 3) power *= 4;
    limit += power;
  }
  return limit;
};

/** 32 bits each, the lowest first; one word for 0. */
const wordsOf = (seed: number): Uint32Array => {
  if (!Number.isSafeInteger(seed)) throw new RangeError('a seed is a whole number');
  const value = Math.abs(seed);
  const high = Math.floor(value / 2 ** 32);
  return high === 0 ? Uint32Array.of(value) : Uint32Array.of(value % 2 ** 32, high);
};

const seededByArray = (key: Uint32Array): Uint32Array => {
  const state = seededByWord(19650218);
  const mixed = (at: number, factor: number): number => {
    const before = state[at - 1]!;
    return state[at]! ^ Math.imul(before ^ (before >>> 30), factor);
  };
  let at = 1;
  const advance = (): void => {
    at += 1;
    if (at < size) return;
    state[0] = state[size - 1]!;
    at = 1;
  };
  for (let round = 0, from = 0; round < Math.max(size, key.length); round++) {
    state[at] = mixed(at, 1664525) + key[from]! + from;
    advance();
    from = (from + 1) % key.length;
  }
  for (let round = 0; round < size - 1; round++) {
    state[at] = mixed(at, 1566083941) - at;
    advance();
  }
  state[0] = 0x80000000;
  return state;
};

const seededByWord = (word: number): Uint32Array => {
  const state = new Uint32Array(size);
  state[0] = word;
  for (let at = 1; at < size; at++) {
    const before = state[at - 1]!;
    state[at] = Math.imul(1812433253, before ^ (before >>> 30)) + at;
  }
  return state;
};

const twist = (state: Uint32Array): void => {
  for (let at = 0; at < size; at++) {
    const pair = (state[at]! & 0x80000000) | (state[(at + 1) % size]! & 0x7fffffff);
    const turned = (pair >>> 1) ^ ((pair & 1) === 0 ? 0 : 0x9908b0df);
    state[at] = state[(at + offset) % size]! ^ turned;
  }
};
