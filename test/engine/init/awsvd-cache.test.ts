import { readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { AwsvdInput } from '../../../main/engine/init/awsvd.ts';
import { openAwsvdCache } from '../../../main/engine/init/awsvd-cache.ts';
import { temporaryDirectory } from '../formats/temporary-directory.ts';

const input: AwsvdInput = {
  weight: Float32Array.of(1, 2, 3, 4, 5, 6),
  ...{ outFeatures: 3, inFeatures: 2, rank: 1, split: 'b' },
  scale: Float64Array.of(1, 2),
};
const pair = { a: Float32Array.of(0.5, -1), b: Float32Array.of(7, 8, 9) };

it('gives back what was written, to the bit, and counts it', () => {
  const cache = openAwsvdCache(join(temporaryDirectory(), 'cache'));
  const key = cache.keyOf(input, 'exact');
  expect(cache.read(key, input)).toBeUndefined();
  cache.write(key, input, pair);
  expect(cache.read(key, input)).toEqual(pair);
  expect(cache.hits()).toBe(1);
});

it('has another key for anything that the result depends on', () => {
  const { keyOf } = openAwsvdCache(temporaryDirectory());
  const others: AwsvdInput[] = [
    { ...input, weight: Float32Array.of(1, 2, 3, 4, 5, 6.000001) },
    { ...input, scale: Float64Array.of(1, 2 + 1e-15) },
    { ...input, rank: 2 },
    { ...input, split: 'a' },
    { ...input, outFeatures: 2, inFeatures: 3 },
  ];
  const keys = [
    keyOf(input, 'exact'),
    keyOf(input, 'randomized'),
    ...others.map((other) => keyOf(other, 'exact')),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(keyOf({ ...input, weight: input.weight.slice(), name: 'another' }, 'exact')).toBe(keys[0]);
});

it.each<[string, (path: string) => void]>([
  ['cut short', (path) => truncateSync(path, 40)],
  ['empty', (path) => writeFileSync(path, '')],
  [
    'one bit turned',
    (path) => {
      const bytes = readFileSync(path);
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(path, bytes);
    },
  ],
])('takes a damaged file for a miss, and mends it: %s', (_, damage) => {
  const directory = temporaryDirectory();
  const cache = openAwsvdCache(directory);
  const key = cache.keyOf(input, 'exact');
  cache.write(key, input, pair);
  damage(join(directory, readdirSync(directory)[0]!));
  expect(cache.read(key, input)).toBeUndefined();
  expect(cache.hits()).toBe(0);
  cache.write(key, input, pair);
  expect(cache.read(key, input)).toEqual(pair);
});

it('removes the longest unused when it is full', () => {
  const directory = temporaryDirectory();
  const inputs = [1, 2, 3, 4].map((factor) => ({ ...input, weight: input.weight.map((w) => w * factor) }));
  const keys = inputs.map((each) => openAwsvdCache(directory).keyOf(each, 'exact'));
  openAwsvdCache(directory).write(keys[0]!, input, pair);
  const { size: bytes } = statSync(join(directory, readdirSync(directory)[0]!));
  const cache = openAwsvdCache(directory, 3.5 * bytes);
  for (const key of keys.slice(1, 3)) cache.write(key, input, pair);
  keys.slice(0, 3).forEach((key, age) => utimesSync(join(directory, `${key}.safetensors`), age + 1, age + 1));
  cache.read(keys[0]!, input); // used now: the second is the oldest
  cache.write(keys[3]!, input, pair);
  expect(keys.map((key) => cache.read(key, input) !== undefined)).toEqual([true, false, true, true]);
});

it('never fails where it can not write', () => {
  const file = join(temporaryDirectory(), 'file');
  writeFileSync(file, '');
  const cache = openAwsvdCache(file);
  cache.write('key', input, pair);
  expect(cache.read('key', input)).toBeUndefined();
});
