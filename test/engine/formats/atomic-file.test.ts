import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  writeDirectoryWhole,
  writeFileWhole,
  writeFileWholeWith,
} from '../../../main/engine/formats/atomic-file.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const root = temporaryDirectory();
let folders = 0;
const freshFolder = (): string => {
  const folder = join(root, String(folders++));
  mkdirSync(folder);
  return folder;
};
const diskFull = (): never => {
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
};

describe('writeFileWhole', () => {
  test('writes and replaces', () => {
    const path = join(freshFolder(), 'a.txt');
    writeFileWhole(path, 'first');
    writeFileWhole(path, Buffer.from('größe'));
    expect(readFileSync(path, 'utf8')).toBe('größe');
    expect(readdirSync(join(path, '..'))).toEqual(['a.txt']);
  });

  test('a full disk leaves the old file and nothing else, and says which file', () => {
    const folder = freshFolder();
    const path = join(folder, 'a.txt');
    writeFileWhole(path, 'old');
    expect(() => writeFileWholeWith(path, diskFull)).toThrow(
      expect.objectContaining({
        code: 'no-space',
        message: `${path}: no space left on the disk; nothing was written`,
      }),
    );
    expect(readdirSync(folder)).toEqual(['a.txt']);
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  test('a missing folder is named', () => {
    const path = join(root, 'nowhere', 'a.txt');
    expect(() => writeFileWhole(path, 'x')).toThrow(`${path}: no such folder to write into`);
  });
});

describe('writeDirectoryWhole', () => {
  test('makes a folder, and its parents', async () => {
    const path = join(freshFolder(), 'runs', 'one');
    await writeDirectoryWhole(path, async (directory) => {
      expect(existsSync(path)).toBe(false);
      await Promise.resolve();
      writeFileWhole(join(directory, 'a'), '1');
    });
    expect(readdirSync(path)).toEqual(['a']);
    expect(readdirSync(join(path, '..'))).toEqual(['one']);
  });

  test('leaves nothing when filling fails', async () => {
    const folder = freshFolder();
    const path = join(folder, 'export');
    const fill = (directory: string): void => {
      writeFileWhole(join(directory, 'a'), '1');
      diskFull();
    };
    await expect(writeDirectoryWhole(path, fill)).rejects.toMatchObject({
      code: 'no-space',
      message: `${path}: no space left on the disk; nothing was written`,
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('an error about a file in the folder names the place it was to have', async () => {
    const path = join(freshFolder(), 'export');
    const fill = (directory: string): void => writeFileWholeWith(join(directory, 'a'), diskFull);
    await expect(writeDirectoryWhole(path, fill)).rejects.toMatchObject({
      code: 'no-space',
      message: `${join(path, 'a')}: no space left on the disk; nothing was written`,
    });
  });

  test('refuses a folder with contents, takes an empty one', async () => {
    const path = join(freshFolder(), 'taken');
    mkdirSync(path);
    await writeDirectoryWhole(path, (directory) => writeFileWhole(join(directory, 'a'), '1'));
    await expect(writeDirectoryWhole(path, () => undefined)).rejects.toMatchObject({
      code: 'conflict',
      message: `${path}: the folder exists and is not empty`,
    });
    writeFileSync(`${path}.txt`, '');
    await expect(writeDirectoryWhole(`${path}.txt`, () => undefined)).rejects.toThrow(
      `${path}.txt: a file is in the way of the folder to be written`,
    );
  });

  test('leaves a folder with contents as it is', async () => {
    const folder = freshFolder();
    const path = join(folder, 'model');
    const fill = (directory: string): void => writeFileWhole(join(directory, 'a'), '1');
    await writeDirectoryWhole(path, fill);
    await expect(writeDirectoryWhole(path, fill)).rejects.toMatchObject({ code: 'conflict' });
    expect(readdirSync(path)).toEqual(['a']);
    expect(readdirSync(folder)).toEqual(['model']);
  });
});
