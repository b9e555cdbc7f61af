import type { ProductSignatures } from '../../graph/signatures.ts';
import { product as cpu } from '../cpu/product.ts';
import type { LoweringRules } from '../rule.ts';

/** The permutation that swaps the last two axes. */
const swapLast = (rank: number): bigint[] =>
  Array.from({ length: rank }, (_, axis) => BigInt(axis < rank - 2 ? axis : 2 * rank - 3 - axis));

export const product: LoweringRules<ProductSignatures> = {
  /** Gemm takes plain matrices transposed; stacks of matrices are transposed by a node of their own. */
  matmul: ({ emit, inputs: { a, b }, attributes: { transposeA, transposeB }, values, integers, extents }) => {
    const [rankA, rankB] = [values.inputs.a.shape.length, values.inputs.b.shape.length];
    if (rankA === 2 && rankB === 2)
      return emit('Gemm', [a, b], { transA: transposeA ? 1n : 0n, transB: transposeB ? 1n : 0n });
    if (rankB === 2 && !transposeA && transposeB) {
      const flat = emit('Reshape', [a, integers([-1, Number(values.inputs.b.shape[1])])]);
      const product = emit('Gemm', [flat, b], { transB: 1n });
      return emit('Reshape', [product, extents(values.outputs.y.shape)]);
    }
    const turned = (name: string, rank: number, yes: boolean): string =>
      yes ? emit('Transpose', [name], { perm: swapLast(rank) }) : name;
    return emit('MatMul', [turned(a, rankA, transposeA), turned(b, rankB, transposeB)]);
  },
  quantizeRows: cpu.quantizeRows,
  quantizedMatmul: cpu.quantizedMatmul,
  blockMatmul: cpu.blockMatmul,
};
