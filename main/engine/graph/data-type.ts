/** Of a value's elements. */
export type DataType =
  'float32' | 'float64' | 'float16' | 'bfloat16' | 'int64' | 'uint8' | 'int8' | 'int4' | 'bool';
