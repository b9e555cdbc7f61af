import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { assertFinite, findNonFiniteWeight } from '../../../main/engine/formats/non-finite.ts';
import { writeSafetensors } from '../../../main/engine/formats/safetensors.ts';
import type { FloatDtype } from '../../../main/engine/formats/safetensors.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const root = temporaryDirectory();
const size = 300_000; // more than a chunk of every type

const modelWith = (name: string, dtype: FloatDtype, index: number, value: number): string => {
  const directory = join(root, name);
  mkdirSync(directory);
  writeFileSync(join(directory, 'config.json'), '{}');
  const largest = dtype === 'F16' ? 65504 : dtype === 'BF16' ? 3.3895313892515355e38 : 3.4028234663852886e38;
  const values = new Float32Array(size).fill(-largest);
  values[index] = value;
  writeSafetensors(join(directory, 'model.safetensors'), [
    { name: 'ids', dtype: 'I64', shape: [1], data: BigInt64Array.of(-1n) },
    { name: 'fine', dtype, shape: [2], data: Float32Array.of(largest, -largest) },
    { name: 'weight', dtype, shape: [size], data: values },
  ]);
  return directory;
};

const dtypes: FloatDtype[] = ['F32', 'F16', 'BF16', 'F64'];

test.each(dtypes)('%s: the largest numbers are finite', (dtype) => {
  expect(findNonFiniteWeight(openModelFolder(modelWith(`finite-${dtype}`, dtype, 0, 0)))).toBeUndefined();
});

test.each(dtypes.flatMap((dtype) => [NaN, Infinity, -Infinity].map((value) => [dtype, value] as const)))(
  '%s: %d in a later chunk is found',
  (dtype, value) => {
    const folder = openModelFolder(modelWith(`${dtype}-${value}`, dtype, size - 2, value));
    const file = join(folder.directory, 'model.safetensors');
    expect(findNonFiniteWeight(folder)).toEqual({
      tensor: 'weight',
      index: size - 2,
      value: String(value),
      file,
    });
    expect(() => assertFinite(folder)).toThrow(
      `${file}: tensor weight holds ${value} at element ${size - 2}`,
    );
  },
);
