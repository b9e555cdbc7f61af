import { blocksPerRow, quantizeBlocks, quantizeTwoWay, type SquaredError } from '../../base/quantize.ts';
import { partNames } from '../../base/quantized-weights.ts';
import type { TensorToWrite } from '../../formats/safetensors-writer.ts';

/** A weight (rows x columns) that is to be written quantised. */
export interface MatrixToQuantize {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly read: () => Float32Array;
  /** Told how far what was written is from the weight. */
  readonly onError?: (error: SquaredError) => void;
}

/** Does `make` once for several tensors that are written one after the other, and forgets the result with the last one. */
const shared = <T>(uses: number, make: () => T): (() => T) => {
  let [value, left] = [undefined as T | undefined, uses];
  return () => {
    value ??= make();
    const taken = value;
    if (--left === 0) value = undefined;
    return taken;
  };
};

/** Eight bits with a scale for each row, and again for each column: a product each way. */
export const twoWayTensors = ({ name, rows, columns, read, onError }: MatrixToQuantize): TensorToWrite[] => {
  const made = shared(4, () => {
    const quantized = quantizeTwoWay(read(), rows, columns);
    onError?.(quantized.error);
    return quantized;
  });
  const { forward, backward } = partNames(name);
  const bytes = ({ buffer }: Int8Array): Uint8Array => new Uint8Array(buffer);
  return [
    { name: forward[0], dtype: 'I8', shape: [columns, rows], data: () => bytes(made().forward.values) },
    { name: forward[1], dtype: 'F32', shape: [rows], data: () => made().forward.scales },
    { name: backward[0], dtype: 'I8', shape: [rows, columns], data: () => bytes(made().backward.values) },
    { name: backward[1], dtype: 'F32', shape: [columns], data: () => made().backward.scales },
  ];
};

/** Four or eight bits with a scale for each block of a row. */
export const blockTensors = (
  { name, rows, columns, read, onError }: MatrixToQuantize,
  bits: 4 | 8,
): TensorToWrite[] => {
  const made = shared(2, () => {
    const quantized = quantizeBlocks(read(), rows, columns, bits);
    onError?.(quantized.error);
    return quantized;
  });
  const [values, scales] = partNames(name).blocks;
  const stored =
    bits === 8
      ? ({ dtype: 'I8', shape: [rows, columns] } as const)
      : ({ dtype: 'U8', shape: [rows, columns / 2] } as const);
  return [
    { name: values, ...stored, data: () => made().values },
    { name: scales, dtype: 'F32', shape: [rows, blocksPerRow(columns)], data: () => made().scales },
  ];
};
