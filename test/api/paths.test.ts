import { homedir } from 'node:os';
import { sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fakeRouter } from './fake-workbench.ts';
import { pathCases as cases } from './path-fields.ts';

/** No call takes a path from the server's own folder, whichever calls there are. */

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown>)[key], value);

test('the fields are found', () => {
  const found = new Set(cases.map(({ method, field }) => `${method} ${field}`));
  for (const known of [
    'models.import directory',
    'datasets.import trainFile',
    'datasets.import validationFile',
    'adapters.import directory',
    'exports.create destination',
    'trackers.tensorboard destination',
    'comparisons.fromTemplate files.any',
    'comparisons.create definition.tasks[0].file',
    'comparisons.create definition.tasks[0].examples.file',
    'comparisons.design definition.tasks[0].file',
  ])
    expect(found).toContain(known);
});

describe.each(cases)('$method, $field', ({ method, field, path, withValue }) => {
  const call = async (value: string): Promise<{ envelope: unknown; reached: unknown[] }> => {
    const reached: unknown[] = [];
    const { router } = fakeRouter({ [method]: (params: unknown) => void reached.push(params) });
    return { envelope: await router.call(method, withValue(value)), reached };
  };

  test('refuses a relative path by its name, and says what to type', async () => {
    const { envelope, reached } = await call('own.jsonl');
    expect(envelope).toEqual({
      ok: false,
      error: {
        code: 'invalid-input',
        message: `${method}: ${field}: expected a whole path, such as ~${sep}own.jsonl, not "own.jsonl"`,
      },
    });
    expect(reached).toEqual([]);
  });

  test('fills in ~ and takes off quotes', async () => {
    const { reached } = await call(` "~${sep}own.jsonl" `);
    expect(reached).toHaveLength(1);
    // A comparison has the held-out task in front of those that it was given.
    const placed = path.map((key) => (key === 0 && path.includes('tasks') ? 1 : key));
    expect(at(reached[0], placed)).toBe(`${homedir()}${sep}own.jsonl`);
  });
});
