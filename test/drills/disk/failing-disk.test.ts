import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WorkbenchError } from '../../../main/engine/errors.ts';
import {
  makeDirectoryWhole,
  writeDirectoryWhole,
  writeFileWhole,
} from '../../../main/engine/formats/atomic-file.ts';
import { makeFolder } from '../../../main/engine/formats/make-folder.ts';
import { writeSafetensors } from '../../../main/engine/formats/safetensors-writer.ts';
import { lastWhole, runOf, writeCheckpoints } from '../run-of-checkpoints.ts';
import { failAtEach } from './fail-at.ts';

const fresh = (): string => mkdtempSync(join(tmpdir(), 'nora-failing-'));
const codes = [
  ['ENOSPC', 'no-space'],
  ['EROFS', 'invalid-input'],
  ['EIO', 'internal'],
] as const;
const tells = (error: unknown, code: string, path: string): void => {
  expect(error).toBeInstanceOf(WorkbenchError);
  expect((error as WorkbenchError).code).toBe(code);
  expect((error as WorkbenchError).message).toContain(path);
};
const all = (directory: string): string[] =>
  readdirSync(directory, { recursive: true }).map(String).toSorted();

describe.each(codes)('a disk that answers %s at any call', (system, code) => {
  test('leaves a file as it was, and nothing beside it', async () => {
    const calls = await failAtEach(system, {
      prepare: () => {
        const directory = fresh();
        writeFileSync(join(directory, 'settings'), 'old');
        return directory;
      },
      work: (directory) => writeFileWhole(join(directory, 'settings'), 'new'),
      check: (directory, error) => {
        tells(error, code, join(directory, 'settings'));
        expect(readdirSync(directory)).toEqual(['settings']);
        expect(['old', 'new']).toContain(readFileSync(join(directory, 'settings'), 'utf8'));
      },
    });
    expect(calls).toBeGreaterThan(3);
  });

  test.each([
    ['a folder', (path: string, fill: (folder: string) => void) => writeDirectoryWhole(path, fill)],
    [
      'a folder that is checked first',
      (path: string, fill: (folder: string) => void) =>
        makeDirectoryWhole(path, (folder) => {
          makeFolder(folder);
          fill(folder);
          return Promise.resolve();
        }),
    ],
  ])('leaves no part of %s', async (_, write) => {
    const target = (directory: string): string => join(directory, 'runs', 'a', 'step-1');
    const calls = await failAtEach(system, {
      prepare: fresh,
      work: async (directory) => {
        await write(target(directory), (folder) => {
          const data = Float32Array.of(1, 2, 3);
          writeSafetensors(join(folder, 'state.safetensors'), [
            { name: 'a', dtype: 'F32', shape: [3], data },
          ]);
          writeFileWhole(join(folder, 'state.json'), '{}');
        });
      },
      check: (directory, error) => {
        tells(error, code, target(directory));
        // Once it has its name it stays, though it may not be sure to outlive a power cut: so it is told.
        const isThere = existsSync(target(directory));
        expect(all(directory).filter((path) => path.includes('.partial'))).toEqual([]);
        if (isThere)
          expect(readdirSync(target(directory)).toSorted()).toEqual(['state.json', 'state.safetensors']);
      },
    });
    expect(calls).toBeGreaterThan(12);
  });

  test('keeps the checkpoints that a run has told of', async () => {
    let told = 0;
    const calls = await failAtEach(system, {
      prepare: () => {
        told = 0;
        const directory = fresh();
        mkdirSync(runOf(directory));
        return directory;
      },
      work: (directory) => writeCheckpoints(directory, (step) => (told = Number(step))),
      check: async (directory, error) => {
        tells(error, code, runOf(directory));
        expect(await lastWhole(runOf(directory))).toBeGreaterThanOrEqual(told);
        expect(all(directory).filter((path) => path.includes('.partial'))).toEqual([]);
      },
    });
    expect(calls).toBeGreaterThan(30);
  });
});
