import { closeSync } from 'node:fs';
import { WorkbenchError } from '../errors.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from './float-conversion.ts';
import { openRegularFile, readBytesAt, withRegularFile } from './regular-file.ts';
import type { SafetensorsHeader, TensorEntry } from './safetensors-header.ts';
import { bytesPerElement, elementCount, isFloatDtype } from './tensor-dtype.ts';
import type { FloatDtype, TensorDtype } from './tensor-dtype.ts';

/** Where one tensor's bytes are. `TensorEntry` plus the file that holds it. */
export interface TensorLocation {
  /** Absolute. */
  readonly file: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  /** Of the first byte, from the start of the file. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
  /** The bytes hold the matrix of that shape transposed. */
  readonly turned?: boolean;
}

/** A tensor's values as float32, whatever float type it has in the file. */
export const readTensorFloat32 = (header: SafetensorsHeader, name: string): Float32Array =>
  readLocationFloat32(locate(header, name), name);

/** A tensor's bytes as they are in the file (little endian). */
export const readTensorRaw = (header: SafetensorsHeader, name: string): Uint8Array => {
  const { file, offset, length } = locate(header, name);
  return withRegularFile(file, (descriptor) => readBytesAt(descriptor, new Uint8Array(length), offset, file));
};

/** A float32 tensor's values into an array of its size. */
export const readFloat32Into = <Target extends Float32Array>(
  { file, offset }: TensorLocation,
  values: Target,
): Target => {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  withRegularFile(file, (descriptor) => readBytesAt(descriptor, bytes, offset, file));
  return values;
};

/** @param name for errors */
export const readLocationFloat32 = (location: TensorLocation, name: string): Float32Array => {
  const { file, dtype, shape } = location;
  if (!isFloatDtype(dtype))
    throw new WorkbenchError(
      'unsupported',
      `${file}: tensor ${name} holds ${dtype}; numbers are read from F32, F16, BF16 and F64: save it as one of these`,
    );
  const values = new Float32Array(elementCount(shape));
  if (location.turned) {
    const [bytes] = readChunks(location);
    decodeFloats[dtype](bytes as Uint8Array<ArrayBuffer>, values);
    return values;
  }
  if (dtype === 'F32') return readFloat32Into(location, values);
  let done = 0;
  for (const bytes of readChunks(location)) {
    done += decodeFloats[dtype](bytes, values.subarray(done));
  }
  return values;
};

/** Whole elements of every type, and small enough for the processor's cache. */
const chunkBytes = 2 ** 20;

/** A tensor's bytes in order, by chunks of whole elements. Each chunk is valid until the next is asked for. */
export function* readChunks(location: TensorLocation): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  const { file, offset, length } = location;
  if (location.turned) return yield turnedBytes(location);
  const descriptor = openRegularFile(file);
  try {
    const chunk = new Uint8Array(Math.min(chunkBytes, length));
    for (let done = 0; done < length; done += chunk.length) {
      yield readBytesAt(
        descriptor,
        chunk.subarray(0, Math.min(chunk.length, length - done)),
        offset + done,
        file,
      );
    }
  } finally {
    closeSync(descriptor);
  }
}

/** All bytes of a matrix that lies transposed, as its shape has them. Held whole, so for small ones: a projection. */
const turnedBytes = ({ file, offset, length, shape, dtype }: TensorLocation): Uint8Array<ArrayBuffer> => {
  const lies = withRegularFile(file, (descriptor) =>
    readBytesAt(descriptor, new Uint8Array(length), offset, file),
  );
  const [rows, columns] = shape as [number, number];
  return transposeBytes(lies, columns, rows, bytesPerElement[dtype]);
};

/** The bytes of a matrix (rows x columns) with rows for columns. @param size bytes of an element */
export const transposeBytes = (
  matrix: Uint8Array,
  rows: number,
  columns: number,
  size: number,
): Uint8Array<ArrayBuffer> => {
  const turned = new Uint8Array(matrix.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const from = (row * columns + column) * size;
      turned.set(matrix.subarray(from, from + size), (column * rows + row) * size);
    }
  return turned;
};

/** Each decodes a chunk to the start of `target` and returns the number of elements. */
const decodeFloats: Record<FloatDtype, (bytes: Uint8Array<ArrayBuffer>, target: Float32Array) => number> = {
  F32: (bytes, target) => {
    const source = new Float32Array(bytes.buffer, 0, bytes.length / 4);
    target.set(source);
    return source.length;
  },
  BF16: (bytes, target) => {
    const source = new Uint16Array(bytes.buffer, 0, bytes.length / 2);
    bfloat16ToFloat32(source, target);
    return source.length;
  },
  F16: (bytes, target) => {
    const source = new Uint16Array(bytes.buffer, 0, bytes.length / 2);
    float16ToFloat32(source, target);
    return source.length;
  },
  F64: (bytes, target) => {
    const source = new Float64Array(bytes.buffer, 0, bytes.length / 8);
    target.set(source);
    return source.length;
  },
};

const locate = (header: SafetensorsHeader, name: string): TensorLocation => {
  const entry: TensorEntry | undefined = header.tensors.get(name);
  if (entry === undefined) throw new WorkbenchError('not-found', `${header.path}: holds no tensor ${name}`);
  return { file: header.path, ...entry };
};
