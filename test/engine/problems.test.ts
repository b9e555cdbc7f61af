import { expect, test } from 'vitest';
import { z } from 'zod';
import { check, inOneLine, pathText, problemText } from '../../main/engine/problems.ts';

const problemsOf = (schema: z.ZodType, input: unknown): string[] =>
  check(schema, input).problems.map(problemText);

test('a good value has no problems', () => {
  expect(check(z.object({ a: z.int().default(3) }), {})).toEqual({ value: { a: 3 }, problems: [] });
});

test.each<[string, z.ZodType, unknown, string]>([
  ['a missing field', z.object({ a: z.string() }), {}, 'a: missing, expected text'],
  ['a wrong type', z.array(z.boolean()), [true, 1], '[1]: expected true or false, not 1'],
  [
    'a bound',
    z.object({ a: z.object({ b: z.number().gt(0) }) }),
    { a: { b: 0 } },
    'a.b: expected more than 0, not 0',
  ],
  ['an upper bound', z.number().lt(1), 1, 'expected less than 1, not 1'],
  [
    'a long text',
    z.string().max(2),
    'x'.repeat(100),
    `expected at most 2 characters, not "${'x'.repeat(56)}…`,
  ],
  ['a list that is too short', z.array(z.int()).min(2), [1], 'expected at least 2 items, not 1'],
  ['a list without items', z.array(z.int()).min(2), [], 'expected at least 2 items, not an empty list'],
  ['a list that is too long', z.array(z.int()).max(1), [1, 2], 'expected at most 1 item, not 2'],
  ['not finite', z.number(), Number.NaN, 'expected a number, not NaN'],
  ['a choice', z.enum(['a', 'b', 'c']), 'd', 'expected "a", "b" or "c", not "d"'],
  ['a union', z.union([z.literal('all'), z.array(z.string())]), 5, 'expected "all" or a list, not 5'],
  ['null', z.object({}), null, 'expected fields, not null'],
  ['a rule of its own', z.number().refine((value) => value % 2 === 0, 'must be even'), 3, 'must be even'],
])('%s', (_, schema, input, expected) => {
  expect(problemsOf(schema, input)).toEqual([expected]);
});

test('of alternatives, what is wrong within the one that was meant is told at its place', () => {
  const size = z.strictObject({ width: z.int(), height: z.int() });
  const schema = z.object({ side: z.union([z.int().min(8), size]) });
  expect(problemsOf(schema, { side: { width: 8 } })).toEqual(['side.height: missing, expected a number']);
  expect(problemsOf(schema, { side: { width: 8, height: 8, depth: 8 } })).toEqual([
    'side.depth: no such field',
  ]);
  expect(problemsOf(schema, { side: 'large' })).toEqual(['side: expected a number or fields, not "large"']);
  expect(problemsOf(schema, { side: 4 })).toEqual(['side: expected at least 8, not 4']);
});

test('each unknown field is a problem at its own place', () => {
  expect(
    check(z.strictObject({ a: z.strictObject({}) }), { a: { x: 1, y: 2 } }).problems.map(({ path }) => path),
  ).toEqual([
    ['a', 'x'],
    ['a', 'y'],
  ]);
});

test('paths read as in the language', () => {
  expect(pathText(['configurations', 0, 'adapter', 'rank'])).toBe('configurations[0].adapter.rank');
  expect(pathText([0, 'a'])).toBe('[0].a');
});

test('many become one line', () => {
  expect(inOneLine(['a', 'b'], 2)).toBe('a; b');
  expect(inOneLine(['a', 'b', 'c', 'd'], 2)).toBe('a; b; and 2 more');
});
