import { describe, expect, it } from 'vitest';
import { kernelBytes, type TensorShape } from '../../../../main/engine/runtime/profile/kernel-bytes.ts';

const float = (...shape: number[]): TensorShape => ({ dataType: 'float', shape });
const integers = (...shape: number[]): TensorShape => ({ dataType: 'int64', shape });

describe('bytes that a kernel has to move', () => {
  it.each<[string, TensorShape[], TensorShape[], number]>([
    ['Add', [float(4, 8), float(8)], [float(4, 8)], 4 * (32 + 8 + 32)],
    [
      'MatMulNBits',
      [float(1, 64), { dataType: 'uint8', shape: [8, 2, 32] }],
      [float(1, 8)],
      256 + 8 * 2 * 32 + 32,
    ],
    ['Reshape', [float(4, 8), integers(1)], [float(32)], 0],
    ['Shape', [float(4, 8)], [integers(2)], 16],
    ['Gather', [float(1000, 8), integers(2)], [float(2, 8)], 64 + 16 + 64],
    ['Slice', [float(4, 8), integers(1), integers(1)], [float(1, 8)], 32 + 16 + 32],
    ['Neg', [float()], [float()], 8],
    ['Cast', [{ dataType: 'bfloat16', shape: [4] }], [float(4)], 24],
  ])('%s', (kernel, inputs, outputs, bytes) => {
    expect(kernelBytes(kernel, inputs, outputs)).toBe(bytes);
  });

  it('are refused for a type that it does not know', () => {
    expect(() => kernelBytes('Add', [{ dataType: 'string', shape: [1] }], [])).toThrow('type string');
  });
});
