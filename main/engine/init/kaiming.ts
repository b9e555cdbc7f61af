import type { Random } from '../random.ts';

/**
 * Kaiming uniform: uniform in [-bound, bound) with bound = gain sqrt(3 / fanIn). Without a gain it is PyTorch's default for linear layers
 * and PEFT's for LoRA's A, a = sqrt(5): bound = 1 / sqrt(fanIn), since gain^2 = 2 / (1 + a^2) = 1/3. He et al., arXiv 1502.01852.
 *
 * @returns (rows x fanIn), row-major
 */
export function kaimingUniform(
  rows: number,
  fanIn: number,
  random: Pick<Random, 'uniform'>,
  gain?: number,
): Float32Array {
  const bound = gain === undefined ? 1 / Math.sqrt(fanIn) : gain * Math.sqrt(3 / fanIn);
  return Float32Array.from({ length: rows * fanIn }, () => (2 * random.uniform() - 1) * bound);
}
