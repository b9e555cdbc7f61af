import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { buildWhereStale } from '../../main/shell/build-stamp.ts';
import { temporaryDirectory } from '../engine/formats/temporary-directory.ts';

const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

test('builds once, and again after whatever a build is made from has changed', () => {
  const root = temporaryDirectory();
  const files = ['main/a.ts', 'main/deep/b.ts', 'preload/p.ts', 'renderer/index.html', 'vite.config.ts'];
  for (const file of [...files, 'electron.vite.config.ts', 'tsconfig.json', 'package-lock.json'])
    write(join(root, file), file);
  let builds = 0;
  const made = 'out/renderer/index.html';
  const start = (status = 0): number =>
    buildWhereStale(root, {
      name: 'renderer',
      made,
      build: () => {
        builds++;
        write(join(root, made), 'built');
        return status;
      },
    });
  const buildsAfter = (change: () => void): number => {
    change();
    const before = builds;
    start();
    start();
    return builds - before;
  };

  expect(buildsAfter(() => undefined)).toBe(1);
  expect(buildsAfter(() => undefined)).toBe(0);
  expect(buildsAfter(() => write(join(root, 'main/deep/b.ts'), 'other'))).toBe(1);
  expect(buildsAfter(() => write(join(root, 'package-lock.json'), 'other'))).toBe(1);
  expect(buildsAfter(() => write(join(root, 'renderer/new.ts'), ''))).toBe(1);
  expect(buildsAfter(() => rmSync(join(root, 'main/a.ts')))).toBe(1);
  expect(buildsAfter(() => rmSync(join(root, 'out/renderer'), { recursive: true }))).toBe(1);
  write(join(root, 'preload/p.ts'), 'broken');
  expect(start(1)).toBe(1); // a build that failed is no build
  expect(buildsAfter(() => undefined)).toBe(1);
});
