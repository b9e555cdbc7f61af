import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Adapter, HeuristicFunc } from 'wuchale';
import textsConfig from '../../renderer/texts.config.ts';
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

/** The library keeps two texts that differ by space around them as one, whichever it reads first. */
it('differ by more than the space around them', async () => {
  for (const [adapter, pattern] of [
    [textsConfig.adapters!['markup'], 'renderer/source/**/*.svelte'],
    [textsConfig.adapters!['script'], 'renderer/source/**/*.ts'],
  ] as const) {
    const written = new Map<string, string>();
    for (const file of globSync(pattern, { cwd: root, exclude: ['renderer/source/gallery/**'] })) {
      const { msgs } = await (adapter as Adapter).transform({
        content: readFileSync(join(root, file), 'utf8'),
        filename: file.replace('renderer/', ''),
        index: { indices: new Map(), nextIndex: 0, get: () => 0 },
        expr: { plain: 'texts', reactive: 'texts' },
        matchUrl: () => null,
      });
      for (const { msgStr } of msgs) {
        const text = msgStr.join('\n');
        const other = written.get(text.trim()) ?? text;
        expect(text, file).toBe(other);
        written.set(text.trim(), text);
      }
    }
  }
});
