import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { columnsOf, fillTemplate, unusedColumns } from '../../../main/engine/data/files/dataset-format.ts';

test('templates: a column name, placeholders, lines of empty placeholders', () => {
  const fill = (template: string, row: Record<string, string>): string =>
    fillTemplate(template, (column) => row[column]!);
  expect(fill('q', { q: 'Why {not}?' })).toBe('Why {not}?');
  expect(fill('Q: {q}\nA:', { q: 'a {b}\n$& $1' })).toBe('Q: a {b}\n$& $1\nA:');
  expect(fill('{instruction}\n{input}', { instruction: 'Add.', input: '1, 2' })).toBe('Add.\n1, 2');
  expect(fill('{instruction}\n{input}', { instruction: 'Add.', input: '' })).toBe('Add.');
  expect(fill('{a}\n\n{b}\n', { a: '', b: 'x' })).toBe('\nx\n');
  expect(fill('{a}\n  \n  {b}\n  ', { a: 'x', b: '' })).toBe('x\n  \n  ');
  expect(columnsOf('{a} {b}{a}')).toEqual(['a', 'b']);
  expect(columnsOf('a column')).toEqual(['a column']);
});

test('columns that a format leaves out', () => {
  const columns = ['id', 'a', 'b', 'messages', 'tools', 'system'];
  expect(unusedColumns({ kind: 'text', column: 'a' }, columns)).toEqual([
    'id',
    'b',
    'messages',
    'tools',
    'system',
  ]);
  expect(unusedColumns({ kind: 'prompt-completion', prompt: '{a}: {b}', completion: 'id' }, columns)).toEqual(
    ['messages', 'tools', 'system'],
  );
  expect(unusedColumns({ kind: 'chat', column: 'messages', tools: 'tools' }, columns)).toEqual([
    'id',
    'a',
    'b',
    'system',
  ]);
  expect(unusedColumns({ kind: 'classification', text: 'a', pair: 'b', label: 'id' }, columns)).toEqual([
    'messages',
    'tools',
    'system',
  ]);
});

test('can be imported in a browser: nothing but zod', () => {
  const source = readFileSync(
    new URL('../../../main/engine/data/files/dataset-format.ts', import.meta.url),
    'utf8',
  );
  expect([...source.matchAll(/from '(.*)'/g)].map((match) => match[1])).toEqual(['zod']);
});
