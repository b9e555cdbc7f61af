import { writeAll, writeFileWholeWith } from './atomic-file.ts';
import { float32ToBfloat16, float32ToFloat16 } from './float-conversion.ts';
import { bytesPerElement, elementCount, isFloatDtype } from './tensor-dtype.ts';
import type { FloatDtype, TensorDtype } from './tensor-dtype.ts';

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  /**
   * A Float32Array is rounded to a float dtype; any other array holds the dtype's own bytes. A function makes the array, or its bytes piece
   * by piece, only when it is this tensor's turn.
   */
  readonly data: TensorData | (() => TensorData | Iterable<Uint8Array>);
}

export type TensorData = Float32Array | Uint8Array | BigInt64Array | Uint16Array | Int32Array | Float64Array;

/**
 * Writes a safetensors file whole or not at all, tensors in the order given, one at a time in memory. The same input gives the
 * same bytes: the header is compact JSON padded with spaces to a multiple of 8 bytes, as the official writer's.
 * @param onBytes sees all bytes of the file, piece by piece
 * @throws WorkbenchError 'no-space' and the like, naming the path
 */
export const writeSafetensors = (
  path: string,
  tensors: Iterable<TensorToWrite>,
  metadata: Readonly<Record<string, string>> = {},
  onBytes: (piece: Uint8Array) => void = () => undefined,
): void => {
  const list = [...tensors];
  const header = encodeHeader(list, metadata);
  writeFileWholeWith(path, (file) => {
    const write = (bytes: Uint8Array): void => {
      writeAll(file, bytes);
      onBytes(bytes);
    };
    write(header);
    for (const tensor of list) writeTensor(write, tensor);
  });
};

/** Rounds float32 values to a float type, by pieces, as the bytes of a file. Each piece is valid until the next is asked for. */
export function* encodeFloat32(
  values: Float32Array,
  dtype: FloatDtype,
): Generator<Uint8Array, void, undefined> {
  if (dtype === 'F32') return yield asBytes(values);
  const pieceLength = 2 ** 18;
  for (let start = 0; start < values.length; start += pieceLength) {
    yield asBytes(narrow[dtype](values.subarray(start, start + pieceLength)));
  }
}

const narrow = {
  BF16: float32ToBfloat16,
  F16: float32ToFloat16,
  F64: (values: Float32Array) => Float64Array.from(values),
} as const satisfies Record<Exclude<FloatDtype, 'F32'>, (values: Float32Array) => ArrayBufferView>;

const writeTensor = (
  write: (bytes: Uint8Array) => void,
  { name, dtype, shape, data }: TensorToWrite,
): void => {
  let written = 0;
  for (const bytes of piecesOf(typeof data === 'function' ? data() : data, dtype)) {
    write(bytes);
    written += bytes.length;
  }
  const expected = byteLength(dtype, shape);
  if (written !== expected) {
    throw new TypeError(
      `tensor ${name}: ${dtype} of shape [${shape.join(', ')}] takes ${expected} bytes, its data has ${written}`,
    );
  }
};

const piecesOf = (data: TensorData | Iterable<Uint8Array>, dtype: TensorDtype): Iterable<Uint8Array> => {
  if (!ArrayBuffer.isView(data)) return data;
  if (data instanceof Float32Array && isFloatDtype(dtype)) return encodeFloat32(data, dtype);
  return [asBytes(data)];
};

const encodeHeader = (
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array => {
  const members: string[] = [];
  if (Object.keys(metadata).length > 0) members.push(`"__metadata__":${JSON.stringify(metadata)}`);
  const names = new Set<string>();
  let end = 0;
  for (const { name, dtype, shape } of tensors) {
    if (names.has(name) || name === '__metadata__')
      throw new TypeError(`two tensors, or the metadata and one, are named ${name}`);
    names.add(name);
    const begin = end;
    end += byteLength(dtype, shape);
    members.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`);
  }
  const json = Buffer.from(`{${members.join(',')}}`, 'utf8');
  const padded = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  padded.writeBigUInt64LE(BigInt(padded.length - 8), 0);
  json.copy(padded, 8);
  return padded;
};

const byteLength = (dtype: TensorDtype, shape: readonly number[]): number =>
  elementCount(shape) * bytesPerElement[dtype];

const asBytes = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
