import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  columnsOf,
  datasetFormatSchema,
  detectDatasetFormat,
  fillTemplate,
} from '../../../main/engine/data/dataset-format.ts';

describe('guessing the format', () => {
  test.each<[Record<string, unknown>, unknown]>([
    [{ text: 'x' }, { kind: 'text', column: 'text' }],
    [
      { id: 1, text: 'x' },
      { kind: 'text', column: 'text' },
    ],
    [
      { text: 'x', label: 'good' },
      { kind: 'classification', text: 'text', label: 'label' },
    ],
    [
      { sentence: 'x', label: 1 },
      { kind: 'classification', text: 'sentence', label: 'label' },
    ],
    [
      { premise: 'x', hypothesis: 'y', label: 0 },
      { kind: 'classification', text: 'premise', pair: 'hypothesis', label: 'label' },
    ],
    [
      { question: 'x', passage: 'y', label: true },
      { kind: 'classification', text: 'question', pair: 'passage', label: 'label' },
    ],
    [
      { text: 'x', label: ['a', 'b'] },
      { kind: 'text', column: 'text' },
    ],
    [{ line: 'x' }, { kind: 'text', column: 'line' }],
    [
      { prompt: '', completion: '' },
      { kind: 'prompt-completion', prompt: 'prompt', completion: 'completion' },
    ],
    [
      { question: '', answer: '' },
      { kind: 'prompt-completion', prompt: 'question', completion: 'answer' },
    ],
    [
      { instruction: '', input: '', output: '', answer: '' },
      { kind: 'prompt-completion', prompt: '{instruction}\n{input}', completion: 'output' },
    ],
    [
      { instruction: '', output: '' },
      { kind: 'prompt-completion', prompt: 'instruction', completion: 'output' },
    ],
    [
      { messages: [], text: '' },
      { kind: 'chat', column: 'messages' },
    ],
    [
      { id: 1, conversations: [] },
      { kind: 'chat', column: 'conversations' },
    ],
    [
      { messages: 'x', text: '' },
      { kind: 'text', column: 'text' },
    ],
    [{ id: 1 }, undefined],
    [{ a: '', b: '' }, undefined],
  ])('%j', (row, format) => {
    const guess = detectDatasetFormat(Object.keys(row), row);
    expect(guess).toEqual(format);
    if (guess !== undefined) expect(datasetFormatSchema.parse(guess)).toEqual(guess);
  });
});

test('templates: a column name, placeholders, lines of empty placeholders', () => {
  const fill = (template: string, row: Record<string, string>): string =>
    fillTemplate(template, (column) => row[column]!);
  expect(fill('q', { q: 'Why {not}?' })).toBe('Why {not}?');
  expect(fill('Q: {q}\nA:', { q: 'a {b}\n$& $1' })).toBe('Q: a {b}\n$& $1\nA:');
  expect(fill('{instruction}\n{input}', { instruction: 'Add.', input: '1, 2' })).toBe('Add.\n1, 2');
  expect(fill('{instruction}\n{input}', { instruction: 'Add.', input: '' })).toBe('Add.');
  expect(fill('{a}\n\n{b}\n', { a: '', b: 'x' })).toBe('\nx\n');
  expect(columnsOf('{a} {b}{a}')).toEqual(['a', 'b']);
  expect(columnsOf('a column')).toEqual(['a column']);
});

test('can be imported in a browser: nothing but zod', () => {
  const source = readFileSync(
    new URL('../../../main/engine/data/dataset-format.ts', import.meta.url),
    'utf8',
  );
  expect([...source.matchAll(/from '(.*)'/g)].map((match) => match[1])).toEqual(['zod']);
});
