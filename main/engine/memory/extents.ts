import { extentOf, type Shape } from '../graph/dimension.ts';
import type { DataType, Value } from '../graph/graph.ts';

/** What the named extents of a graph are in a run: `{ batch: 4, sequence: 256, labels: 1020 }`. */
export type Extents = Readonly<Record<string, number>>;

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

/** Elements of a shape once the named extents are known. */
export const elementsOf = (shape: Shape, extents: Extents): number =>
  shape.reduce<number>((count, dimension) => count * extentOf(dimension, extents), 1);

/** Bytes of a value in memory. */
export const bytesOf = ({ dataType, shape }: Value, extents: Extents): number =>
  elementsOf(shape, extents) * bytesPerElement[dataType];
