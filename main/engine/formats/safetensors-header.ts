import { fstatSync } from 'node:fs';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { isObject } from '../json-value.ts';
import { endOfString } from './json-scan.ts';
import { decodeUtf8, parseJson, topLevelItemOffsets } from './json-text.ts';
import { readBytesAt, withRegularFile } from './regular-file.ts';
import { bytesPerElement, elementCount, isTensorDtype } from './tensor-dtype.ts';
import type { TensorDtype } from './tensor-dtype.ts';

export interface TensorEntry {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  /** Of the first byte, from the start of the file. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
}

export interface SafetensorsHeader {
  readonly path: string;
  /** In the order of their bytes in the file. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The official reader's own limit. */
const mostHeaderBytes = 100_000_000;

/**
 * Reads and fully checks the header of a safetensors file: 8 bytes of header length (little endian), the header as JSON, then the tensors'
 * bytes, which must cover the rest of the file without overlap or hole.
 * @throws WorkbenchError 'invalid-input' naming the file and, where there is one, the tensor; 'unsupported' for an unknown data type
 */
export const readSafetensorsHeader = (path: string): SafetensorsHeader => {
  const { json, dataStart, fileSize } = readHeaderText(path);
  const header = parseJson(json, `${path}: header`);
  if (!isObject(header)) throw invalidInput(`${path}: header is not a JSON object`);
  refuseDuplicates(path, json);

  const { __metadata__: metadata, ...described } = header;
  const tensors = Object.entries(described)
    .map(([name, value]) => readEntry(path, name, value, dataStart))
    .sort((a, b) => a.offset - b.offset || a.length - b.length);
  checkCoverage(path, tensors, dataStart, fileSize);
  return {
    path,
    tensors: new Map(tensors.map((entry) => [entry.name, entry])),
    metadata: readMetadata(path, metadata),
  };
};

const readHeaderText = (path: string): { json: string; dataStart: number; fileSize: number } =>
  withRegularFile(path, (file) => {
    const fileSize = fstatSync(file).size;
    if (fileSize < 8)
      throw invalidInput(`${path}: truncated: ${fileSize} bytes are too few for a safetensors file`);
    const length = readBytesAt(file, new Uint8Array(8), 0, path);
    const headerLength = new DataView(length.buffer).getBigUint64(0, true);
    if (headerLength > BigInt(mostHeaderBytes)) {
      throw invalidInput(
        `${path}: not a safetensors file, or damaged: it claims a header of ${headerLength} bytes`,
      );
    }
    const dataStart = 8 + Number(headerLength);
    if (dataStart > fileSize) {
      throw invalidInput(
        `${path}: truncated: the header takes ${headerLength} bytes, the file has ${fileSize}`,
      );
    }
    const bytes = readBytesAt(file, new Uint8Array(Number(headerLength)), 8, path);
    return { json: decodeUtf8(bytes, `${path}: header`), dataStart, fileSize };
  });

const readEntry = (path: string, name: string, value: unknown, dataStart: number): TensorEntry => {
  const place = `${path}: tensor ${name}`;
  if (!isObject(value)) throw invalidInput(`${place}: its header entry is not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') throw invalidInput(`${place}: dtype is missing`);
  if (!isTensorDtype(dtype)) throw new WorkbenchError('unsupported', `${place}: unknown data type ${dtype}`);
  if (!isListOfSizes(shape)) throw invalidInput(`${place}: shape is not a list of whole numbers`);
  if (!isListOfSizes(offsets) || offsets.length !== 2 || offsets[1]! < offsets[0]!) {
    throw invalidInput(`${place}: data_offsets is not [begin, end]`);
  }
  const [begin, end] = offsets as [number, number];
  const expected = elementCount(shape) * bytesPerElement[dtype];
  if (end - begin !== expected) {
    throw invalidInput(
      `${place}: ${dtype} of shape [${shape.join(', ')}] takes ${expected} bytes, data_offsets give ${end - begin}`,
    );
  }
  return { name, dtype, shape, offset: dataStart + begin, length: end - begin };
};

const checkCoverage = (
  path: string,
  tensors: readonly TensorEntry[],
  dataStart: number,
  fileSize: number,
): void => {
  let covered = dataStart;
  for (const { name, offset, length } of tensors) {
    if (offset < covered)
      throw invalidInput(`${path}: tensor ${name}: its bytes overlap those of another tensor`);
    if (offset > covered)
      throw invalidInput(`${path}: tensor ${name}: a hole of ${offset - covered} bytes lies before it`);
    covered = offset + length;
    if (covered > fileSize) {
      throw invalidInput(
        `${path}: truncated: tensor ${name} ends at byte ${covered}, the file has ${fileSize}`,
      );
    }
  }
  if (covered < fileSize)
    throw invalidInput(`${path}: ${fileSize - covered} bytes at the end belong to no tensor`);
};

const refuseDuplicates = (path: string, json: string): void => {
  const seen = new Set<string>();
  for (const offset of topLevelItemOffsets(json)) {
    const key = JSON.parse(json.slice(offset, endOfString(json, offset) + 1)) as string;
    if (seen.has(key)) throw invalidInput(`${path}: tensor ${key} is there twice`);
    seen.add(key);
  }
};

const readMetadata = (path: string, value: unknown): Record<string, string> => {
  if (value === undefined) return {};
  if (!isObject(value) || !Object.values(value).every((entry) => typeof entry === 'string')) {
    throw invalidInput(`${path}: __metadata__ must map names to texts`);
  }
  return value as Record<string, string>;
};

const isListOfSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
