import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { HeuristicFunc } from 'wuchale';
import { isText } from '../../renderer/texts/words.ts';
import { root } from '../support/paths.ts';

const catalogues = ['markup', 'script'].map((part) =>
  readFileSync(join(root, `renderer/texts/${part}/en.po`), 'utf8'),
);
const texts = catalogues.flatMap((text) => [...text.matchAll(/^msgid "(.+)"$/gm)].map(([, id]) => id));

it('hold the window’s words', () => {
  expect(texts).toEqual(
    expect.arrayContaining([
      'Skip to content',
      'New experiment',
      'Go on from step {0}',
      'outer rank {0}, inner {1}',
    ]),
  );
  expect(texts.length).toBeGreaterThan(1000);
});

type Details = Parameters<HeuristicFunc>[0]['details'];

const scripted = (text: string, details: Partial<Details> = {}) =>
  isText({
    msgStr: [text],
    plural: false,
    placeholders: [],
    type: 'message',
    details: { file: 'source/a.ts', scope: 'script', insideProgram: true, ...details },
  });

it.each(['Choose a model.', 'held-out loss', 'batch size {0}', '32 bits', 'Home'])('%j is a text', (text) => {
  expect(scripted(text)).toBe('message');
});

it.each(['Escape', 'Mod+K', 'nora', 'next-row', '11px Inter', 'M3 8h10', '1e-4, 2e-4', '{0}'])(
  '%j is none',
  (text) => {
    expect(scripted(text)).toBe(false);
  },
);

it('neither are a class, nor what the browser is asked for', () => {
  expect(scripted('muted hint', { scope: 'attribute', attribute: 'class' })).toBe(false);
  expect(scripted('tr, li', { call: 'element.closest' })).toBe(false);
});
