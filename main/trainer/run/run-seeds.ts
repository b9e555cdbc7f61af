/** A run has one seed; what it is used for must not share random numbers. The seed has 32 bits, the purpose sits above them. */
export const runSeeds = (
  seed: number,
): {
  readonly data: number;
  readonly initialisation: number;
  readonly split: number;
  /** Dropout, noise on embeddings. */
  readonly noise: number;
  /** Heads that a model lacks. */
  readonly head: number;
  /** Which training rows are held out to tune by. */
  readonly tuningSplit: number;
  /** Of pictures that a model learns to draw: noise, timesteps, crops. */
  readonly chances: number;
  /** The same of pictures of the class, and their order. */
  readonly classChances: number;
  readonly classOrder: number;
} => ({
  data: seed,
  initialisation: seed + 2 ** 32,
  split: seed + 2 * 2 ** 32,
  noise: seed + 3 * 2 ** 32,
  head: seed + 4 * 2 ** 32,
  tuningSplit: seed + 5 * 2 ** 32,
  chances: seed + 6 * 2 ** 32,
  classChances: seed + 7 * 2 ** 32,
  classOrder: seed + 8 * 2 ** 32,
});
