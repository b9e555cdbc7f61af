import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../../../main/engine/formats/make-folder.ts';
import { itWith } from '../../support/requirements.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const root = temporaryDirectory();

it('makes all folders of a path, once or more often', () => {
  const path = join(root, 'a', 'b', 'c');
  makeFolder(path);
  makeFolder(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

it('stops at a file', () => {
  writeFileSync(join(root, 'file'), '');
  for (const path of [join(root, 'file'), join(root, 'file', 'b'), join(root, 'file', 'b', 'c')])
    expect(() => makeFolder(path), path).toThrow(/ENOTDIR/);
  mkdirSync(join(root, 'kept'));
  makeFolder(join(root, 'kept'));
  expect(readdirSync(root).toSorted()).toEqual(['a', 'file', 'kept']);
});

/** Node's own, asked for all folders of the path, tries for ever: the folder above is there, and answers that it is not. */
itWith('linux', 'ends where no folder can be made', () => {
  for (const path of ['/proc/nora', '/proc/nora/below']) expect(() => makeFolder(path)).toThrow(/ENOENT/);
});
