/** Bytes per element of the data types that safetensors files hold, by their names there. */
export const bytesPerElement = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
  C64: 8,
} as const;

export type TensorDtype = keyof typeof bytesPerElement;

/** The data types that convert from and to float32. */
export type FloatDtype = 'F32' | 'F16' | 'BF16' | 'F64';

export const isTensorDtype = (value: unknown): value is TensorDtype =>
  typeof value === 'string' && Object.hasOwn(bytesPerElement, value);

export const isFloatDtype = (dtype: TensorDtype): dtype is FloatDtype =>
  dtype === 'F32' || dtype === 'F16' || dtype === 'BF16' || dtype === 'F64';

export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, extent) => product * extent, 1);
