import { invalidInput } from '../errors.ts';
import type { ModelFolder } from './model-folder.ts';
import { readChunks } from './safetensors-reader.ts';
import { bytesPerElement, isFloatDtype } from './tensor-dtype.ts';
import type { FloatDtype } from './tensor-dtype.ts';

export interface NonFiniteWeight {
  readonly tensor: string;
  /** Of the first such element, row-major. */
  readonly index: number;
  readonly value: 'NaN' | 'Infinity' | '-Infinity';
  readonly file: string;
}

/**
 * The first NaN or infinity among a model's weights. Reads all of them once, by chunks, without converting.
 * @param onBytes told of each chunk's bytes
 */
export const findNonFiniteWeight = (
  folder: ModelFolder,
  onBytes: (bytes: number) => void = () => undefined,
): NonFiniteWeight | undefined => {
  for (const [tensor, location] of folder.tensors) {
    if (!isFloatDtype(location.dtype)) continue;
    let before = 0;
    for (const bytes of readChunks(location)) {
      const found = findNonFinite(bytes, location.dtype);
      if (found !== undefined)
        return { tensor, file: location.file, index: before + found.index, value: found.value };
      before += bytes.length / bytesPerElement[location.dtype];
      onBytes(bytes.length);
    }
  }
  return undefined;
};

/** @throws WorkbenchError 'invalid-input' naming the file and tensor of the first NaN or infinity */
export const assertFinite = (folder: ModelFolder, onBytes?: (bytes: number) => void): void => {
  const found = findNonFiniteWeight(folder, onBytes);
  if (found === undefined) return;
  throw invalidInput(`${found.file}: tensor ${found.tensor} holds ${found.value} at element ${found.index}`);
};

type Words = Uint16Array | Uint32Array;

/** All ones in these bits of an element's top word mean infinity or NaN. */
const exponentMask: Record<FloatDtype, number> = {
  F16: 0x7c00,
  BF16: 0x7f80,
  F32: 0x7f800000,
  F64: 0x7ff00000,
};

const wordsOf = (bytes: Uint8Array, dtype: FloatDtype): Words =>
  dtype === 'F16' || dtype === 'BF16'
    ? new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
    : new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);

/**
 * The first NaN or infinity in the bytes of float elements.
 * @param bytes aligned to the element's size; a float64 is looked at as two words, the low one first
 */
export const findNonFinite = (
  bytes: Uint8Array,
  dtype: FloatDtype,
): Pick<NonFiniteWeight, 'index' | 'value'> | undefined => {
  const words = wordsOf(bytes, dtype);
  const mask = exponentMask[dtype];
  const word =
    words instanceof Uint16Array ? scan16(words, mask) : scan32(words, mask, dtype === 'F64' ? 2 : 1);
  return word === -1
    ? undefined
    : { index: dtype === 'F64' ? word >> 1 : word, value: nameOf(words, word, dtype) };
};

// Two functions with one array type each, so that both stay fast. Each returns the index of an element's top word, or -1.
const scan16 = (words: Uint16Array, mask: number): number => {
  for (let at = 0; at < words.length; at++) if ((words[at]! & mask) === mask) return at;
  return -1;
};

const scan32 = (words: Uint32Array, mask: number, wordsPerElement: number): number => {
  for (let at = wordsPerElement - 1; at < words.length; at += wordsPerElement)
    if ((words[at]! & mask) === mask) return at;
  return -1;
};

const nameOf = (words: Words, word: number, dtype: FloatDtype): NonFiniteWeight['value'] => {
  const signBit = words instanceof Uint16Array ? 0x8000 : 0x80000000;
  const magnitude = (words[word]! & ~signBit) >>> 0;
  const low = dtype === 'F64' ? words[word - 1]! : 0;
  if (magnitude !== exponentMask[dtype] || low !== 0) return 'NaN';
  return (words[word]! & signBit) === 0 ? 'Infinity' : '-Infinity';
};
