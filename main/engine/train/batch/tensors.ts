import type { Tensor } from '../../tensor.ts';

export const scalarTensor = (value: number): Tensor => ({ shape: [], data: Float32Array.of(value) });
export const vectorTensor = (data: Float32Array): Tensor => ({ shape: [data.length], data });

/** A tensor of zeros. */
export const emptyTensor = (shape: readonly number[]): Tensor => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});
