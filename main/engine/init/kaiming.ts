import type { Random } from '../random.ts';

/**
 * Kaiming uniform with a = sqrt(5), PyTorch's default for linear layers and PEFT's for A: uniform in [-bound, bound) with
 * bound = gain sqrt(3 / fanIn) = 1 / sqrt(fanIn), since gain^2 = 2 / (1 + a^2) = 1/3. He et al., arXiv 1502.01852.
 *
 * @returns (rows x fanIn), row-major
 */
export function kaimingUniform(rows: number, fanIn: number, random: Pick<Random, 'uniform'>): Float32Array {
  const bound = 1 / Math.sqrt(fanIn);
  return Float32Array.from({ length: rows * fanIn }, () => (2 * random.uniform() - 1) * bound);
}
