import { homedir } from 'node:os';
import { sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { methods, type MethodName } from '../../main/api/contract.ts';
import { pathText } from '../../main/engine/problems.ts';
import { fakeRouter } from './fake-workbench.ts';

/**
 * No call takes a path from the server's own folder, whichever calls there are: the fields are found in the contract by their names, and
 * what is required around each is made up from its schema.
 */

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly $ref?: string;
}

/** A field, where it is in the parameters, and parameters with a value in it. */
interface PathField {
  readonly path: readonly PropertyKey[];
  readonly withValue: (value: string) => unknown;
}

const takesPath = /file|folder|directory|destination|output|path/i;

let count = 0;
const sample = (schema: Schema): unknown => {
  if ('const' in schema) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [option] = schema.anyOf ?? schema.oneOf ?? [];
  if (option !== undefined) return sample(option);
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [
          name,
          schema.properties![name]!.type === 'string' && takesPath.test(name)
            ? '/sample'
            : sample(schema.properties![name]!),
        ]),
      );
    case 'array':
      return Array.from({ length: schema.minItems ?? 1 }, () => sample(schema.items!));
    case 'string':
      return `sample ${count++}`; // names have to differ
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return false;
    default:
      return null;
  }
};

const fieldsIn = (schema: Schema, name = ''): PathField[] => {
  const options = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (options.length > 0) return options.flatMap((option) => fieldsIn(option, name));
  if (schema.type === 'string' && schema.enum === undefined && !('const' in schema))
    return takesPath.test(name) ? [{ path: [], withValue: (value) => value }] : [];
  const inside = (key: PropertyKey, found: PathField[], around: (value: unknown) => unknown): PathField[] =>
    found.map(({ path, withValue }) => ({
      path: [key, ...path],
      withValue: (value) => around(withValue(value)),
    }));
  if (schema.type === 'array')
    return inside(0, fieldsIn(schema.items!, name), (value) => [
      value,
      ...Array.from({ length: Math.max(0, (schema.minItems ?? 0) - 1) }, () => sample(schema.items!)),
    ]);
  const ofRecord =
    typeof schema.additionalProperties === 'object'
      ? inside('any', fieldsIn(schema.additionalProperties, name), (value) => ({ any: value }))
      : [];
  return [
    ...ofRecord,
    ...Object.entries(schema.properties ?? {}).flatMap(([key, property]) =>
      inside(key, fieldsIn(property, key), (value) => ({ ...(sample(schema) as object), [key]: value })),
    ),
  ];
};

const cases = (Object.keys(methods) as MethodName[]).flatMap((method) => {
  const schema = z.toJSONSchema(methods[method].params, { io: 'input', unrepresentable: 'any' }) as Schema;
  return fieldsIn(schema).map(({ path, withValue }) => ({ method, field: pathText(path), path, withValue }));
});

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
