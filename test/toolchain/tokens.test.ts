import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../support/paths.ts';

const files = globSync('renderer/source/**/*.{svelte,css}', { cwd: root }).filter(
  (file) => !file.endsWith('tokens.css'),
);

const linesWith = (pattern: RegExp): string[] =>
  files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .filter((line) => pattern.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );

it('the type scale is the only place that knows a size of letters', () => {
  expect(linesWith(/font-size:(?! *(var\(--size-|inherit|\d*\.?\d+em;))/)).toEqual([]);
});

it('the tokens are the only place that knows a colour', () => {
  expect(
    linesWith(
      /(?:color|background|fill|stroke|border[\w-]*): *[^;]*(?:#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\()/i,
    ),
  ).toEqual([]);
});
