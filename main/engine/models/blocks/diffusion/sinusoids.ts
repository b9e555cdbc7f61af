export interface SinusoidSettings {
  /** Even: half of it are frequencies. */
  readonly width: number;
  /** Cosines first. */
  readonly flipped: boolean;
  /** Taken from the number of frequencies that their steps are divided by. */
  readonly shift: number;
}

/**
 * Frequencies from 1 down to 1/10000 (or nearly), in float32 as diffusers works them out. The power is rounded right here, and by torch to a unit
 * in the last place, so that of SD's 160 two are a last bit apart, which at a timestep of 1000 is 6e-5 of a sine.
 */
const frequencies = (count: number, shift: number): Float32Array =>
  Float32Array.from({ length: count }, (_, at) =>
    Math.exp(Math.fround(Math.fround(Math.fround(-Math.log(10_000)) * at) / (count - shift))),
  );

/** Numbers as sines and cosines of themselves times each frequency (numbers x width), as diffusers' get_timestep_embedding. */
export const sinusoids = (
  numbers: readonly number[],
  { width, flipped, shift }: SinusoidSettings,
): Float32Array => {
  const count = width / 2;
  const steps = frequencies(count, shift);
  const rows = new Float32Array(numbers.length * width);
  numbers.forEach((number, row) => {
    steps.forEach((step, at) => {
      const angle = Math.fround(Math.fround(number) * step);
      const start = row * width + at;
      rows[start + (flipped ? count : 0)] = Math.sin(angle);
      rows[start + (flipped ? 0 : count)] = Math.cos(angle);
    });
  });
  return rows;
};
