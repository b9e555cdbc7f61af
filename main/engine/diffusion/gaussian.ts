import { philox } from './philox.ts';

/** Which noise: the same seed and stream give the same on every machine, whatever else is drawn. */
export interface NoiseSource {
  /** Any safe integer. */
  readonly seed: number;
  /** Any safe integer: noises of one seed that have nothing to do with each other. */
  readonly stream: number;
}

const word = 2 ** 32;
const halves = (value: number): readonly [number, number] => [value >>> 0, Math.floor(value / word) >>> 0];

/**
 * Standard normal numbers, of which the i-th depends on the source and i alone: Philox by the counter (i / 4, stream) and the key seed
 * gives four words, and Box-Muller makes of each two of them two numbers. 1 + a word over 2^32 lies in (0, 1].
 */
export const gaussianNoise = (length: number, { seed, stream }: NoiseSource): Float32Array => {
  if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(stream))
    throw new RangeError('a seed is a whole number');
  const key = halves(seed);
  const [low, high] = halves(stream);
  const noise = new Float32Array(length);
  for (let at = 0; at < length; at += 4) {
    const words = philox([...halves(at / 4), low, high], key);
    for (let pair = 0; pair < 4; pair += 2) {
      const radius = Math.sqrt(-2 * Math.log((words[pair]! + 1) / word));
      const angle = 2 * Math.PI * (words[pair + 1]! / word);
      noise[at + pair] = radius * Math.cos(angle);
      noise[at + pair + 1] = radius * Math.sin(angle);
    }
  }
  return noise;
};

/** Noise (images x channels x area) with an offset that a whole channel of an image shares, so that light and dark are learned, too. */
export const withNoiseOffset = (
  noise: Float32Array,
  offsets: Float32Array,
  strength: number,
): Float32Array => {
  const area = noise.length / offsets.length;
  return noise.map((value, at) => value + strength * offsets[Math.floor(at / area)]!);
};
