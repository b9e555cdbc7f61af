import type { Random } from '../random.ts';

/**
 * Kaiming uniform: in [-bound, bound) with bound = gain sqrt(3 / fanIn), gain^2 = 2 / (1 + slope^2). He et al., arXiv 1502.01852.
 * A slope of sqrt(5) is PyTorch's default for linear layers and PEFT's for A: bound = 1 / sqrt(fanIn).
 *
 * @returns (rows x fanIn), row-major
 */
export const kaimingUniform = (
  rows: number,
  fanIn: number,
  random: Pick<Random, 'uniform'>,
  slope = Math.sqrt(5),
): Float32Array => {
  const bound = Math.sqrt(6 / ((1 + slope ** 2) * fanIn));
  return Float32Array.from({ length: rows * fanIn }, () => (2 * random.uniform() - 1) * bound);
};
