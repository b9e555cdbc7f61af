import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDatasetFile } from '../../main/engine/data/files/dataset-file.ts';
import { loadTokenizer } from '../../main/engine/data/tokens/tokenizer.ts';
import { adaptationCorpus, pretrainingCorpus } from '../../main/sample/build/corpus.ts';
import { chaptersOf, continuationsOf, parts, passagesOf } from '../../main/sample/build/dataset.ts';
import type { Part } from '../../main/sample/build/dataset.ts';
import { dataDirectory, modelDirectory } from '../../main/sample/build/paths.ts';

const files: Record<Part, string> = {
  train: 'moby-dick.train.jsonl',
  validation: 'moby-dick.validation.jsonl',
  continuations: 'continuations.jsonl',
};
const pathOf = (part: Part): string => join(dataDirectory, files[part]);
const rowsOf = (part: Part) => [...readDatasetFile(pathOf(part)).rows];
const textsOf = (part: Part): string[] =>
  rowsOf(part).map((row) =>
    'text' in row ? String(row['text']) : `${String(row['prompt'])}${String(row['completion'])}`,
  );

const chapters = adaptationCorpus();
const tokenizer = loadTokenizer(modelDirectory);
const countTokens = (text: string): number => tokenizer.encode(text).length;

describe('the sample data', () => {
  test('puts every chapter in exactly one part', () => {
    const numbers = parts.flatMap((part) => chaptersOf(part, chapters).map(({ number }) => number));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 136 }, (_, index) => index + 1));
  });

  test.each(parts)('every row of %s stands in the chapters of its part and in no other', (part) => {
    const own = chaptersOf(part, chapters)
      .map(({ text }) => text)
      .join('\n\n\n');
    const others = parts.filter((other) => other !== part).flatMap((other) => chaptersOf(other, chapters));
    const foreign = others.map(({ text }) => text).join('\n\n\n');
    for (const text of textsOf(part)) {
      expect(own.includes(text), text).toBe(true);
      expect(foreign.includes(text), text).toBe(false);
    }
  });

  test('no row stands twice', () => {
    const texts = parts.flatMap(textsOf);
    expect(new Set(texts).size).toBe(texts.length);
  });

  test('passages are of a useful length', () => {
    for (const part of ['train', 'validation'] as const) {
      const lengths = textsOf(part)
        .map(countTokens)
        .toSorted((a, b) => a - b);
      expect(lengths[0]).toBeGreaterThanOrEqual(32);
      expect(lengths.at(-1)).toBeLessThan(320);
      expect(lengths[Math.floor(lengths.length / 2)]).toBeGreaterThan(120);
    }
    expect(rowsOf('train').length).toBeGreaterThan(1000);
    expect(rowsOf('validation').length).toBeGreaterThan(100);
    expect(rowsOf('continuations')).toHaveLength(200);
  });

  test('prompt and completion both have words, and meet at a space', () => {
    for (const row of rowsOf('continuations')) {
      expect(row['prompt']).toMatch(/^[A-Z].{20,}\S$/);
      expect(row['completion']).toMatch(/^ \S.{20,}\.$/);
    }
  });

  test('is small enough to ship', () => {
    const bytes = parts.reduce((sum, part) => sum + statSync(pathOf(part)).size, 0);
    expect(bytes).toBeLessThan(650_000);
  });

  test('is what the build makes', () => {
    expect(rowsOf('train')).toEqual(passagesOf(chaptersOf('train', chapters), countTokens));
    expect(rowsOf('validation')).toEqual(passagesOf(chaptersOf('validation', chapters), countTokens));
    expect(rowsOf('continuations')).toEqual(continuationsOf(chaptersOf('continuations', chapters)));
  });
});

describe('the corpora', () => {
  test('hold no document twice', () => {
    const documents = [...pretrainingCorpus(), ...chapters];
    expect(documents).toHaveLength(233 + 136);
    expect(new Set(documents.map(({ text }) => text)).size).toBe(documents.length);
    expect(new Set(documents.map(({ id }) => id)).size).toBe(documents.length);
  });

  test('are free of markup, stage directions and boilerplate', () => {
    const unwanted =
      /gutenberg|congressional record \(|&\w+;|\[laughter|\(?applause[.)\]]*\)|[\u0000-\u0009\u000b-\u001f�]|\S\*| {2}|\n{3}/i;
    for (const { id, text } of [...pretrainingCorpus(), ...chapters]) {
      expect(unwanted.exec(text)?.[0], id).toBeUndefined();
      expect(text).toBe(text.trim());
    }
  });

  test('keep the lines of verse', () => {
    expect(chapters[118]!.text).toContain(
      "Oh! jolly is the gale,\nAnd a joker is the whale,\nA' flourishin' his tail,—",
    );
    expect(chapters[8]!.text).toContain(
      '"The ribs and terrors in the whale,\nArched over me a dismal gloom,',
    );
  });
});

test('the README tells where the text comes from', () => {
  const readme = join(dataDirectory, '../README.md');
  expect(existsSync(readme)).toBe(true);
  expect(readFileSync(readme, 'utf8')).toMatch(/public domain/i);
});
