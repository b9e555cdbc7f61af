import { createHash, hash } from 'node:crypto';
import { join } from 'node:path';
import type { Decomposed } from '../adapters/description/adapter-description.ts';
import { readSafetensorsHeader, readTensorRaw, writeSafetensors } from '../formats/safetensors.ts';
import type { AwsvdFactors, AwsvdInput } from './awsvd.ts';
import { openKeptFiles } from '../formats/kept-files.ts';

/** Of the algorithms: raise it when either gives other numbers, and what is cached is not found again. */
const version = 1;
const defaultMostBytes = 2 ** 31;

export type OuterPair = Pick<AwsvdFactors, 'a' | 'b'>;

/** Decompositions by all they depend on. It never fails a run: what can't be read is not there, what can't be written is left. */
export interface AwsvdCache {
  /** A hash of the weight's and the scale's own bytes and of the settings: no file name or date can give a wrong hit. */
  readonly keyOf: (input: AwsvdInput, decomposition: Decomposed['decomposition']) => string;
  /** undefined unless the file is there, of the right shapes and with the checksum it was written with. */
  readonly read: (key: string, input: AwsvdInput) => OuterPair | undefined;
  readonly write: (key: string, input: AwsvdInput, pair: OuterPair) => void;
  /** How many were found so far. */
  readonly hits: () => number;
}

/**
 * A folder with one file for each decomposed matrix. Each write removes the files longest unused while they hold more than
 * `mostBytes` together.
 */
export const openAwsvdCache = (directory: string, mostBytes = defaultMostBytes): AwsvdCache => {
  const files = openKeptFiles(directory, mostBytes);
  return {
    keyOf: keyOfDecomposition,
    read: (key, input) => files.read(key, (path) => readPair(path, input)),
    write: (key, input, pair) => files.write(key, (path) => writePair(path, input, pair)),
    hits: files.hits,
  };
};

/** Where the decompositions stand among what is kept for later runs. */
export const awsvdCacheFolder = (cacheDirectory: string): string => join(cacheDirectory, 'awsvd');

const keyOfDecomposition = (input: AwsvdInput, decomposition: Decomposed['decomposition']): string => {
  const { weight, scale, outFeatures, inFeatures, rank, split } = input;
  return createHash('sha256')
    .update(JSON.stringify({ version, decomposition, outFeatures, inFeatures, rank, split }))
    .update(bytesOf(weight))
    .update(bytesOf(scale))
    .digest('hex');
};

const writePair = (
  path: string,
  { outFeatures, inFeatures, rank }: AwsvdInput,
  { a, b }: OuterPair,
): void => {
  const tensors = [
    { name: 'a', dtype: 'F32', shape: [rank, inFeatures], data: a },
    { name: 'b', dtype: 'F32', shape: [outFeatures, rank], data: b },
  ] as const;
  writeSafetensors(path, tensors, { sha256: checksum({ a, b }) });
};

const readPair = (path: string, { outFeatures, inFeatures, rank }: AwsvdInput): OuterPair | undefined => {
  const header = readSafetensorsHeader(path);
  const floats = (name: string): Float32Array => {
    const bytes = readTensorRaw(header, name);
    return new Float32Array(bytes.slice().buffer);
  };
  const pair = { a: floats('a'), b: floats('b') };
  const fits = pair.a.length === rank * inFeatures && pair.b.length === outFeatures * rank;
  return fits && header.metadata['sha256'] === checksum(pair) ? pair : undefined;
};

const checksum = ({ a, b }: OuterPair): string =>
  hash('sha256', hash('sha256', bytesOf(a)) + hash('sha256', bytesOf(b)));

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
