import { z } from 'zod';
import { methods, type MethodName } from '../../main/api/contract.ts';
import { pathText } from '../../main/engine/problems.ts';

/**
 * The fields of the contract that take paths are found by their names, and what is required around each is made up from its schema.
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

/** Every field of every call that takes a path. */
export const pathCases = (Object.keys(methods) as MethodName[]).flatMap((method) => {
  const schema = z.toJSONSchema(methods[method].params, { io: 'input', unrepresentable: 'any' }) as Schema;
  return fieldsIn(schema).map(({ path, withValue }) => ({ method, field: pathText(path), path, withValue }));
});
