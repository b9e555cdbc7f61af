import type { DataType } from '../graph/data-type.ts';
import { elementsOf, type Extents } from '../graph/dimension.ts';
import type { TensorType } from '../graph/operators/entry.ts';

export const bytesPerElement: Readonly<Record<DataType, number>> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  bool: 1,
  uint8: 1,
  int8: 1,
  // Two in a byte.
  int4: 0.5,
};

/** Bytes of a value in memory. */
export const bytesOf = ({ dataType, shape }: TensorType, extents: Extents): number =>
  elementsOf(shape, extents) * bytesPerElement[dataType];
