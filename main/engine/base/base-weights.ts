import type { TensorLocation } from '../formats/safetensors-reader.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { DataType } from '../graph/data-type.ts';
import type { Value } from '../graph/graph.ts';
import type { HeldWeight } from './held-weight.ts';

/** A weight matrix W (out x in) in one graph, in whatever form it is held. */
export interface WeightMatrix {
  /** No gradient flows to it. */
  readonly frozen: boolean;
  /** x W^T for x (... x in). */
  readonly product: (x: Value) => Value;
  /**
   * Its columns in groups of these sizes, each a product by rows of W that lie together, so that the whole is never in memory. Absent where W
   * lies otherwise.
   */
  readonly columns?: (x: Value, sizes: readonly number[]) => Value[];
  /** W itself. Absent where it is trained, or held otherwise. */
  readonly values?: () => HeldWeight;
}

/** An embedding's: W (out x in) lies as (in x out), one row for each index. */
export interface WeightTable extends WeightMatrix {
  /** x W^T for one-hot x: the rows of the table that int64 indices name, float32. */
  readonly rows: (indices: Value) => Value;
}

/** Where a graph's frozen weights come from. Each weight becomes one initializer, however often it is asked for. */
export interface BaseWeights {
  /** A small weight (a norm's, a bias) as float32. */
  readonly weight: (name: string) => Value;
  /** @param transposed where the file has (in x out) */
  readonly matrix: (name: string, shape: readonly number[], transposed: boolean) => WeightMatrix;
  readonly table: (name: string, shape: readonly number[]) => WeightTable;
}

export type TensorLocations = ReadonlyMap<string, TensorLocation>;

const dataTypes: Readonly<Record<string, DataType>> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

export const isWeightDtype = (dtype: string): boolean => dtype in dataTypes;

/** `make`, called once for each name. */
export const oncePerName = <T>(make: (name: string) => T): ((name: string) => T) => {
  const known = new Map<string, T>();
  return (name) => {
    const value = known.get(name) ?? make(name);
    known.set(name, value);
    return value;
  };
};

/** A float32 value that is trained, as a matrix. */
export const trainedMatrix = (g: GraphBuilder, weight: Value, transposed: boolean): WeightMatrix => ({
  frozen: false,
  product: (x) => g.matmul(x, weight, { transposeB: !transposed }),
});

/** The same as a table (in x out). */
export const trainedTable = (g: GraphBuilder, weight: Value): WeightTable => ({
  ...trainedMatrix(g, weight, true),
  rows: (indices) => g.gatherRows(weight, indices),
});

/** Weights of floating-point type, read in place from the files they are in. */
export const weightsInPlace = (g: GraphBuilder, tensors: TensorLocations): BaseWeights => {
  const stored = oncePerName((name) => {
    const location = tensors.get(name);
    const dataType = location && dataTypes[location.dtype];
    if (!location || !dataType) throw new Error(`${name} was not checked when the model was opened`);
    const { shape, file, offset, length, turned = false } = location;
    const source = { kind: 'file', file, offset, length } as const;
    return turned
      ? g.transpose(g.initializer(name, dataType, shape.toReversed(), source), [1, 0])
      : g.initializer(name, dataType, shape, source);
  });
  const weight = oncePerName((name) => g.cast(stored(name), 'float32'));
  const rowParts = new Map<string, Value>();
  /** Rows of a matrix (out x in), from one to before another, as float32: they lie together in its file. */
  const rowsOf = (name: string, from: number, to: number): Value => {
    const part = `${name}:${from}-${to}`;
    const known = rowParts.get(part);
    if (known) return known;
    const { dtype, shape, file, offset, length } = tensors.get(name)!;
    const row = length / shape[0]!;
    const source = { kind: 'file', file, offset: offset + from * row, length: (to - from) * row } as const;
    const rows = g.cast(
      g.initializer(part, dataTypes[dtype]!, [to - from, ...shape.slice(1)], source),
      'float32',
    );
    rowParts.set(part, rows);
    return rows;
  };
  const columns = (name: string, x: Value, sizes: readonly number[]): Value[] => {
    let from = 0;
    return sizes.map((size) => g.matmul(x, rowsOf(name, from, (from += size)), { transposeB: true }));
  };
  const matrix = (name: string, transposed: boolean): WeightMatrix => ({
    frozen: true,
    product: (x) => g.matmul(x, weight(name), { transposeB: !transposed }),
    ...(!transposed &&
      !tensors.get(name)?.turned && {
        columns: (x, sizes) => columns(name, x, sizes),
        values: () => ({
          weight: tensors.get(name)?.dtype === 'BF16' ? stored(name) : weight(name),
          rounded: false,
        }),
      }),
  });
  return {
    weight,
    matrix: (name, _, transposed) => matrix(name, transposed),
    table: (name) => ({
      ...matrix(name, true),
      rows: (indices) => g.cast(g.gatherRows(stored(name), indices), 'float32'),
    }),
  };
};
