import { createHash, hash } from 'node:crypto';
import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Decomposed } from '../adapters/description/adapter-description.ts';
import { readSafetensorsHeader, readTensorRaw, writeSafetensors } from '../formats/safetensors.ts';
import type { AwsvdFactors, AwsvdInput } from './awsvd.ts';
import { makeFolder } from '../formats/make-folder.ts';

/** Of the algorithms: raise it when either gives other numbers, and what is cached is not found again. */
const version = 1;
const defaultMostBytes = 2 ** 31;
const suffix = '.safetensors';

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
  const pathOf = (key: string): string => join(directory, key + suffix);
  let hits = 0;
  let bytesHeld: number | undefined;
  return {
    keyOf: keyOfDecomposition,
    read: (key, input) => {
      const pair = quietly(() => readPair(pathOf(key), input));
      if (!pair) return undefined;
      hits++;
      quietly(() => utimesSync(pathOf(key), new Date(), new Date()));
      return pair;
    },
    write: (key, input, pair) => {
      quietly(() => {
        makeFolder(directory);
        writePair(pathOf(key), input, pair);
        bytesHeld = (bytesHeld ?? bytesIn(directory)) + statSync(pathOf(key)).size;
        if (bytesHeld > mostBytes) bytesHeld = evict(directory, mostBytes);
      });
    },
    hits: () => hits,
  };
};

const bytesIn = (directory: string): number => entriesOf(directory).reduce((sum, { size }) => sum + size, 0);

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

/** Down to nine tenths, so that not every write has to. Returns the bytes left. */
const evict = (directory: string, mostBytes: number): number => {
  const oldestFirst = entriesOf(directory).sort((x, y) => x.usedAt - y.usedAt);
  let bytes = oldestFirst.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of oldestFirst) {
    if (bytes <= 0.9 * mostBytes) break;
    rmSync(path, { force: true });
    bytes -= size;
  }
  return bytes;
};

const entriesOf = (directory: string): { path: string; size: number; usedAt: number }[] => {
  const names = quietly(() => readdirSync(directory)) ?? [];
  return names.flatMap((name) => {
    if (!name.endsWith(suffix)) return [];
    const path = join(directory, name);
    const found = quietly(() => statSync(path)); // another process may have removed it
    return found ? [{ path, size: found.size, usedAt: found.mtimeMs }] : [];
  });
};

/** A cache that fails is a cache without the entry. */
const quietly = <Result>(work: () => Result): Result | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};
