/** As ONNX Runtime's profile has a tensor. */
export interface TensorShape {
  readonly dataType: string;
  readonly shape: readonly number[];
}

/** Bytes of a number, by the profile's names of types. */
const sizes: Readonly<Record<string, number>> = {
  double: 8,
  int64: 8,
  uint64: 8,
  float: 4,
  int32: 4,
  uint32: 4,
  float16: 2,
  bfloat16: 2,
  int16: 2,
  uint16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
  int4: 0.5,
  uint4: 0.5,
};

/** @throws Error for a type whose size nobody told */
const bytesOf = ({ dataType, shape }: TensorShape): number => {
  const size = sizes[dataType];
  if (size === undefined) throw new Error(`a profile of ONNX Runtime has a tensor of the type ${dataType}`);
  return size * shape.reduce((product, extent) => product * extent, 1);
};

/** Their output is an input under another shape. */
const renames = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);
/** They see of their input that it is there. */
const measures = new Set(['Shape', 'Size']);
/** Of their first input they read as much as they give. */
const picks = new Set(['Gather', 'GatherElements', 'GatherND', 'Slice']);

/** What a kernel has to move at least: each input and each output once. */
export const kernelBytes = (
  kernel: string,
  inputs: readonly TensorShape[],
  outputs: readonly TensorShape[],
): number => {
  const sum = (tensors: readonly TensorShape[]): number =>
    tensors.reduce((total, tensor) => total + bytesOf(tensor), 0);
  if (renames.has(kernel)) return 0;
  if (measures.has(kernel)) return sum(outputs);
  if (!picks.has(kernel)) return sum(inputs) + sum(outputs);
  return Math.min(sum(inputs.slice(0, 1)), sum(outputs)) + sum(inputs.slice(1)) + sum(outputs);
};
