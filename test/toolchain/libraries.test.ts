import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { libraries } from '../../renderer/source/screens/about/libraries.ts';
import { root } from '../support/paths.ts';
import { bundledPackages } from './supply-chain/shipped-packages.ts';

interface PackageFile {
  license: string;
  dependencies: Record<string, string>;
}
const read = (...path: string[]): PackageFile =>
  JSON.parse(readFileSync(join(root, ...path, 'package.json'), 'utf8')) as PackageFile;

test('the page About names every library that the app carries, with its licence', () => {
  const names = [...Object.keys(read().dependencies), ...bundledPackages];
  expect(libraries.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  for (const { name, licence } of libraries) expect(read('node_modules', name).license, name).toBe(licence);
});
