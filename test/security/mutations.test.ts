import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/paths.ts';
import { mutations } from './mutations/all-mutations.ts';
import { mutated } from './mutations/apply-mutation.ts';

/** Whether tests see the mutations takes minutes: `npm run mutate`. */
test.each(mutations)('$file can be mutated: $what', (mutation) => {
  const source = readFileSync(join(root, mutation.file), 'utf8').replaceAll('\r\n', '\n');
  expect(mutated(source, mutation)).not.toBe(source);
  for (const test of mutation.tests) {
    const [file = '', name = ''] = test.split(' > ');
    expect(existsSync(join(root, file)), file).toBe(true);
    expect(readFileSync(join(root, file), 'utf8'), test).toContain(name);
  }
});

test('no mutation is listed twice', () => {
  const told = mutations.map(({ file, what }) => `${file}: ${what}`);
  expect(told).toEqual([...new Set(told)]);
});
