import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepSums, readKnownSums } from '../../../../main/engine/data/pictures/sets/known-sums.ts';
import { openPictureSet } from '../../../../main/engine/data/pictures/sets/open-picture-set.ts';
import { contentOfSet } from '../../../../main/engine/data/pictures/sets/set-content.ts';

let folder = '';
let cache = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'content-')));
  cache = join(folder, 'cache');
  for (const [name, text] of [
    ['set/a/1.jpg', 'one'],
    ['set/a/2.jpg', 'two'],
    ['set/b/3.jpg', 'six'],
  ] as const) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, 'set', name);
/** As a run's start does it. */
const look = async (): Promise<{ sha256: string; known: number }> => {
  const { set } = openPictureSet(join(folder, 'set'));
  const known = readKnownSums(cache, set.folder);
  const { sha256, sums } = await contentOfSet(set, { known });
  keepSums(cache, set.folder, sums);
  return { sha256, known: known.size };
};

test('files that look as they did are not read again, and any that changed is', async () => {
  const first = await look();
  // Written just now, so that nothing is taken for known yet.
  expect((await look()).known).toBe(0);
  await wait(2100);
  await look();
  expect(await look()).toEqual({ sha256: first.sha256, known: 3 });

  // The same size and time of the content, as some programs leave it: the entry's own time tells.
  const { atime, mtime } = statSync(at('a/2.jpg'));
  writeFileSync(at('a/2.jpg'), 'owt');
  utimesSync(at('a/2.jpg'), atime, mtime);
  const changed = await look();
  expect(changed.sha256).not.toBe(first.sha256);
  writeFileSync(at('a/2.jpg'), 'two');
  expect((await look()).sha256).toBe(first.sha256);
});

test("what is kept and can't be read is as if nothing were kept", async () => {
  await wait(2100);
  const { sha256 } = await look();
  const { set } = openPictureSet(join(folder, 'set'));
  const { sums } = await contentOfSet(set);
  expect(sums.size).toBe(3);
  keepSums(cache, set.folder, sums);
  const kept = join(cache, 'pictures', readdirSync(join(cache, 'pictures'))[0]!);
  expect(readFileSync(kept, 'utf8')).toContain(sums.get('a/1.jpg')!.sha256);
  writeFileSync(kept, '{"formatVersion": 1, "files": [["a/1.jpg"');
  expect(await look()).toEqual({ sha256, known: 0 });
});
