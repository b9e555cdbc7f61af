import { addedUp } from '../cpu/sums.ts';

export const sums = addedUp((emit, factors, [transposeA, transposeB]) =>
  emit('Gemm', factors, { transA: transposeA ? 1n : 0n, transB: transposeB ? 1n : 0n }),
);
