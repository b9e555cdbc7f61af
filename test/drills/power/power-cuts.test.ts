import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  makeDirectoryWhole,
  writeDirectoryWhole,
  writeFileWhole,
} from '../../../main/engine/formats/atomic-file.ts';
import { survivePowerCuts } from './survive.ts';

test('a file is the old one or the new one, and the new one once that was said', async () => {
  const { states } = await survivePowerCuts({
    prepare: (directory) => writeFileSync(join(directory, 'settings'), 'old'),
    work: (directory, mark) => {
      writeFileWhole(join(directory, 'settings'), 'the new one');
      mark('written');
    },
    check: (directory, { marks }) => {
      const found = readFileSync(join(directory, 'settings'), 'utf8');
      expect(marks.length > 0 ? ['the new one'] : ['old', 'the new one']).toContain(found);
    },
  });
  expect(states).toBeGreaterThan(5);
});

const parts = ['weights', 'config', 'sum'] as const;
const fill = (folder: string, text: string): void => {
  for (const name of parts) writeFileWhole(join(folder, name), `${text} ${name}`);
};
const read = (folder: string): string[] | null =>
  existsSync(folder) ? parts.map((name) => readFileSync(join(folder, name), 'utf8')) : null;
const whole = (text: string): string[] => parts.map((name) => `${text} ${name}`);

test('a folder in folders that are new as well is whole or not there, and there once that was said', async () => {
  await survivePowerCuts({
    work: async (directory, mark) => {
      await writeDirectoryWhole(join(directory, 'runs', 'a', 'step-1'), (folder) => fill(folder, 'first'));
      mark('written');
    },
    check: (directory, { marks }) => {
      const found = read(join(directory, 'runs', 'a', 'step-1'));
      if (marks.length > 0 || found !== null) expect(found).toEqual(whole('first'));
    },
  });
});

test('a folder that is checked before it takes its name is whole or not there', async () => {
  await survivePowerCuts({
    prepare: (directory) => mkdirSync(join(directory, 'exports')),
    work: async (directory, mark) => {
      await makeDirectoryWhole(join(directory, 'exports', 'merged'), async (folder) => {
        mkdirSync(folder);
        fill(folder, 'merged');
        await Promise.resolve();
      });
      mark('written');
    },
    check: (directory, { marks }) => {
      const found = read(join(directory, 'exports', 'merged'));
      if (marks.length > 0 || found !== null) expect(found).toEqual(whole('merged'));
    },
  });
});
