import { z } from 'zod';
import {
  adapterSettingsSchema,
  describeAdapter,
  type AdapterSettings,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { layerAdapter, trainedAt } from '../../../main/engine/adapters/layer/layer-adapter.ts';
import { methods } from '../../../main/engine/adapters/methods/index.ts';
import { noraPresets } from '../../../main/engine/adapters/methods/nora.ts';

/** An adapter to merge, by what it says: `nora structure output`. */
export interface MergeCase {
  readonly name: string;
  readonly settings: AdapterSettings;
}

/** Small enough for matrices of 32 rows; a method takes what it has of these. */
const sizes = { rank: 4, alpha: 8, targetRank: 3, outerRank: 16, innerRank: 4 };

type Shape = Readonly<Record<string, z.ZodType>>;

const startOf = (method: string, shape: Shape): Record<string, unknown> => ({
  method,
  ...Object.fromEntries(Object.entries(sizes).filter(([field]) => field in shape)),
});

const withoutDefault = (type: z.ZodType): z.ZodType =>
  type instanceof z.ZodDefault ? (type.unwrap() as z.ZodType) : type;

/** Every value that a field of few values may have; none for numbers, lists and patterns. */
const valuesOf = (field: z.ZodType): unknown[] => {
  const type = withoutDefault(field);
  if (type instanceof z.ZodBoolean) return [false, true];
  if (type instanceof z.ZodEnum) return type.options;
  if (type instanceof z.ZodDiscriminatedUnion)
    return type.options.map((option) => ({
      kind: ((option as z.ZodObject).shape['kind'] as z.ZodLiteral<string>).value,
    }));
  return [];
};

const written = (value: unknown): string => {
  if (typeof value === 'object' && value !== null && 'kind' in value) return String(value.kind);
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** A method as it is, and with each of its choices made otherwise, one at a time. */
const variants = (method: string, shape: Shape): [string, Record<string, unknown>][] => {
  const start = startOf(method, shape);
  const choices = Object.entries(shape).flatMap(([field, type]) =>
    valuesOf(type).map((value): [string, Record<string, unknown>] => [
      `${method} ${field} ${written(value)}`,
      { ...start, [field]: value },
    ]),
  );
  return [[method, start], ...choices];
};

/** Points where several choices meet. */
const meetings: [string, Record<string, unknown>][] = [
  [
    'lora of several ranks',
    { method: 'lora', rank: 4, rankPattern: { '0\\..*': 8 }, alphaPattern: { '1\\..*': 3 } },
  ],
  ...Object.keys(noraPresets).map((preset): [string, Record<string, unknown>] => [
    `nora preset ${preset}`,
    { method: 'nora', outerRank: 16, innerRank: 4, alpha: 8, preset },
  ]),
  [
    'nora structure none, vectors',
    { method: 'nora', outerRank: 16, innerRank: 4, alpha: 8, structure: 'none', vectors: true },
  ],
  [
    'nora with all of it',
    {
      method: 'nora',
      outerRank: 16,
      innerRank: 4,
      alpha: 8,
      magnitude: true,
      vectors: true,
      innerStart: 'official',
      residualBase: true,
      outerTrained: true,
    },
  ],
];

/** Frozen outer factors without an inner part, say, train nothing unless vectors are added. */
const trainsSomething = (settings: AdapterSettings): boolean =>
  trainedAt(
    layerAdapter(describeAdapter(settings), { module: 'layers.0.any', outFeatures: 64, inFeatures: 64 }),
  ) > 0;

/**
 * Every method with every choice it offers, from their own schemas: what is added there is here too. Full fine-tuning has nothing to
 * merge; what is the same as a method's default is listed once.
 */
export const mergeCases = (): MergeCase[] => {
  const all = [
    ...Object.entries(methods)
      .filter(([name]) => name !== 'full')
      .flatMap(([name, { schema }]) => variants(name, schema.shape as Shape)),
    ...meetings,
  ];
  const known = new Set<string>();
  return all.flatMap(([name, input]) => {
    const settings = adapterSettingsSchema.parse(input);
    const text = JSON.stringify(settings);
    if (known.has(text) || !trainsSomething(settings)) return [];
    known.add(text);
    return [{ name, settings }];
  });
};
