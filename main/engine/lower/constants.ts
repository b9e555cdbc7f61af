import type { OnnxDataType, OnnxInitializer, OnnxInitializerSource } from './onnx-model.ts';

/** What int64 inputs and constants of a graph become on a device. */
export type IndexType = 'int64' | 'int32';

/** Names of constants, each there once. */
export interface Constants {
  /** A one-dimensional int64 constant. */
  readonly integers: (values: readonly number[]) => string;
  /** A constant of one element, a scalar unless `shape` says otherwise. */
  readonly number: (
    value: number,
    dataType?: 'float32' | 'uint8' | 'int32',
    shape?: readonly number[],
  ) => string;
  /** A scalar that is true. */
  readonly truth: () => string;
  /** The row 0, 1, ... count - 1 (1 x count) in the type that indices have. */
  readonly classes: (count: number) => string;
}

/** 64-bit indices in the type of the target. */
export const narrowed = (
  source: OnnxInitializerSource,
  dataType: OnnxDataType,
  indices: IndexType,
): { dataType: OnnxDataType; source: OnnxInitializerSource } =>
  dataType === 'int64' && indices === 'int32' && source.kind === 'inline'
    ? { dataType: indices, source: { kind: 'inline', data: Int32Array.from(source.data, Number) } }
    : { dataType, source };

const inline = (data: Float32Array | Uint8Array | Int32Array): OnnxInitializerSource =>
  data instanceof Int32Array ? { kind: 'inline', data } : { kind: 'inline', data };

const single = {
  float32: (value: number) => inline(Float32Array.of(value)),
  uint8: (value: number) => inline(Uint8Array.of(value)),
  int32: (value: number) => inline(Int32Array.of(value)),
};

/** Collects the constants that the rules of a graph ask for. */
export const createConstants = (
  indices: IndexType,
): Constants & { readonly all: () => readonly OnnxInitializer[] } => {
  const constants = new Map<string, OnnxInitializer>();
  const add = (constant: OnnxInitializer): string => {
    if (!constants.has(constant.name)) constants.set(constant.name, constant);
    return constant.name;
  };
  return {
    integers: (values) =>
      add({
        name: `integers:${values.join(',')}`,
        dataType: 'int64',
        shape: [values.length],
        source: { kind: 'inline', data: BigInt64Array.from(values, BigInt) },
      }),
    number: (value, dataType = 'float32', shape = []) =>
      add({
        name: `${dataType}:${value}:${shape.length}`,
        dataType,
        shape,
        source: single[dataType](value),
      }),
    truth: () =>
      add({
        name: 'true',
        dataType: 'bool',
        shape: [],
        source: { kind: 'inline', data: Uint8Array.of(1) },
      }),
    classes: (count) => {
      const data = BigInt64Array.from({ length: count }, (_, at) => BigInt(at));
      return add({
        name: `classes:${count}`,
        shape: [1, count],
        ...narrowed({ kind: 'inline', data }, 'int64', indices),
      });
    },
    all: () => [...constants.values()],
  };
};
