import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSealedFolder } from '../../main/engine/formats/sealed-folder.ts';
import { createCommandLine } from './nora.ts';
import type { CommandLine } from './nora.ts';

let cli: CommandLine;
const path = (...names: string[]): string => join(cli.directory, ...names);
beforeAll(async () => {
  cli = createCommandLine();
  expect((await cli.nora('doctor', '--data-dir', 'mine')).code).toBe(0);
  const adapter = path('mine', 'runs', '0123456789ab', 'adapter');
  await writeSealedFolder(adapter, ({ text }) => text('weights', 'as they were trained'));
  writeFileSync(join(adapter, 'weights'), 'as they were traineD');
});
afterAll(() => cli.remove());

const damaged = [
  'These files were damaged already when they were saved, and lie in it as they were:',
  '    runs/0123456789ab/adapter/weights: its content is not what was written (another SHA-256)',
  'Keep an earlier backup that has them whole; `nora doctor --check` says what can be done.',
];

test('what was damaged already is said when it is saved, checked and restored', async () => {
  const told = [
    await cli.nora('backup', 'saved.tar', '--data-dir', 'mine'),
    await cli.nora('restore', 'saved.tar', '--check'),
    await cli.nora('restore', 'saved.tar', '--data-dir', 'back'),
  ];
  for (const { code, stdout } of told) {
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n').slice(-3)).toEqual(damaged);
  }
  const { document } = await cli.noraJson('restore', 'saved.tar', '--check');
  expect(document).toMatchObject({ damaged: [{ name: 'runs/0123456789ab/adapter/weights' }] });
});

test('a library that is missing where its runs lie is named, and none is made in its place', async () => {
  for (const name of readdirSync(path('mine')).filter((entry) => entry.startsWith('workbench.sqlite')))
    rmSync(path('mine', name));
  mkdirSync(path('mine', 'runs'), { recursive: true });
  const { code, stderr } = await cli.nora('experiment', 'list', '--data-dir', 'mine');
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /mine\/workbench\.sqlite is gone, and its runs are there; .* so none was made: put a copy/,
  );
  expect(readdirSync(path('mine')).filter((name) => name.startsWith('workbench.sqlite'))).toEqual([]);
});
