import { check, inOneLine, pathText, problemText } from '../engine/problems.ts';
import type { AdapterMethod } from '../engine/adapters/settings/adapter-settings.ts';
import { newAdapterSettingsSchema } from '../engine/adapters/settings/new-settings.ts';
import { methods } from '../engine/adapters/methods/index.ts';
import { invalidInput } from '../engine/errors.ts';
import { modelShapes } from '../engine/models/shapes.ts';
import {
  benchDecodingSpecificationSchema,
  type BenchDecodingSpecification,
} from '../trainer/protocol/bench-decoding-schema.ts';
import { benchSpecificationSchema, engineChoices } from '../trainer/protocol/bench-schema.ts';
import type { BenchSpecification } from '../trainer/protocol/bench-schema.ts';
import { givenSource } from '../services/shared/given-path.ts';
import { wholeNumber } from './numbers.ts';

export type BenchFlags = Readonly<
  Partial<Record<keyof typeof flagTexts, string> & Record<keyof typeof switchTexts, true>>
>;

const usualShape = 'smollm2-135m';

const flagTexts = {
  model: ['<folder>', 'a model folder to measure on'],
  shape: ['<name>', `random weights of a published shape: ${Object.keys(modelShapes).join(', ')}`],
  method: ['<name>', `${Object.keys(methods).join(', ')}; lora otherwise`],
  rank: ['<r>', 'of methods other than nora, 16 otherwise'],
  outer: ['<r>', 'outer rank of nora, 128 otherwise'],
  inner: ['<r>', 'inner rank of nora, 16 otherwise'],
  dropout: ['<share>', "of the adapter's inputs, 0 otherwise"],
  beside: [
    '<methods>',
    'more arms on the same base, of the same rank, trained in turn with the first: lora,nora,…',
  ],
  batch: ['<rows>', '4 otherwise'],
  seq: ['<tokens>', 'of each row, 256 otherwise'],
  labels: ['<tokens>', 'that carry loss at the end of each row; all otherwise'],
  steps: ['<n>', '6 otherwise; the first is reported apart'],
  threads: ['<n>', 'one per physical core otherwise'],
  seed: ['<n>', 'of weights, tokens and adapter; 1 otherwise'],
  base: ['<format>', `of the frozen weights: ${engineChoices.base.join(', ')}`],
  memory: ['<mode>', engineChoices.memory.join(' or ')],
  device: ['<name>', engineChoices.device.join(', ')],
} as const;

/** Flags without a value. */
const switchTexts = {
  decode: 'measure answers of --steps tokens (48 otherwise) to a prompt of --seq (128), by the base alone',
  profile: 'account for every millisecond: by operator, part of the model and direction',
} as const;

export const benchFlagDescriptions: Readonly<Record<string, string>> = Object.fromEntries([
  ...Object.entries(flagTexts).map(([name, [value, text]]): [string, string] => [`--${name} ${value}`, text]),
  ...Object.entries(switchTexts).map(([name, text]): [string, string] => [`--${name}`, text]),
]);

const isMethod = (name: string): name is AdapterMethod => Object.hasOwn(methods, name);

type RankFlags = Readonly<Record<string, 'rank' | 'outer' | 'inner'>>;

/** Which flags set which ranks of a method: those of its settings that it has. */
const rankFlagsOf = (method: AdapterMethod): RankFlags => {
  const fields: RankFlags = { rank: 'rank', outerRank: 'outer', innerRank: 'inner' };
  const { shape } = methods[method].schema;
  return Object.fromEntries(Object.entries(fields).filter(([field]) => field in shape));
};

/** By what flag a field of the specification is given. */
const flagOfField: Readonly<Record<string, string>> = {
  batchSize: '--batch',
  sequenceLength: '--seq',
  promptTokens: '--seq',
  tokens: '--steps',
  ...Object.fromEntries(Object.keys(flagTexts).map((name) => [name, `--${name}`])),
  method: '--method',
  outerRank: '--outer',
  innerRank: '--inner',
};

/** What is to be measured: the model, and everything else of a specification. */
export interface BenchChoice {
  readonly model:
    | { readonly kind: 'folder'; readonly name: string; readonly directory: string }
    | { readonly kind: 'shape'; readonly name: string; readonly config: Readonly<Record<string, unknown>> };
  readonly settings: Omit<BenchSpecification, 'modelDirectory' | 'scratchDirectory'>;
}

const settingsSchema = benchSpecificationSchema.omit({
  modelDirectory: true,
  scratchDirectory: true,
  adapter: true,
  beside: true,
});

const decodingSettingsSchema = benchDecodingSpecificationSchema.omit({
  modelDirectory: true,
  scratchDirectory: true,
});

/** @throws WorkbenchError naming the flag */
export const readBenchFlags = (flags: BenchFlags): BenchChoice => {
  const number = (name: keyof typeof flagTexts): number | undefined => wholeNumber(flags[name], `--${name}`);
  const settings = checked(settingsSchema, {
    batchSize: number('batch') ?? 4,
    sequenceLength: number('seq') ?? 256,
    labels: number('labels') ?? null,
    steps: number('steps') ?? 6,
    threads: number('threads') ?? null,
    seed: number('seed') ?? 1,
    base: flags.base ?? 'fp32',
    memory: flags.memory ?? 'fast',
    device: flags.device ?? 'cpu',
    profile: flags.profile ?? false,
  });
  const { labels, sequenceLength, device } = settings;
  if (flags.profile && device !== 'cpu')
    throw invalidInput(`--profile: accounts for steps on the CPU only, not on ${device}`);
  if (labels !== null && labels >= sequenceLength)
    throw invalidInput(`--labels: expected less than the ${sequenceLength} tokens of a row, not ${labels}`);
  const adapter = readAdapter(flags, number);
  const beside = flags.beside?.split(',').map((method) => besideAdapter(method, adapter)) ?? [];
  return { model: readModelChoice(flags), settings: { ...settings, adapter, beside } };
};

/** What a method needs for a delta of a given rank, the rest as usual. */
const ofDeltaRank = (method: AdapterMethod, rank: number): Readonly<Record<string, number>> =>
  method === 'nora' ? { innerRank: rank, outerRank: 128, calibrationBatches: 1 } : { rank };

const besideAdapter = (
  method: string,
  first: BenchSpecification['adapter'],
): BenchSpecification['adapter'] => {
  const rank = 'innerRank' in first ? first.innerRank : 'rank' in first ? first.rank : 1;
  if (!isMethod(method))
    throw invalidInput(
      `--beside: expected ${Object.keys(methods).join(', ')}, not ${JSON.stringify(method)}`,
    );
  return checked(newAdapterSettingsSchema, { method, ...ofDeltaRank(method, rank) });
};

/** What is to be measured of answering. */
export interface DecodingChoice {
  readonly model: BenchChoice['model'];
  readonly settings: Omit<BenchDecodingSpecification, 'modelDirectory' | 'scratchDirectory'>;
}

const decodingFlags: readonly string[] = [
  'decode',
  'profile',
  'model',
  'shape',
  'seq',
  'steps',
  'threads',
  'seed',
  'base',
] satisfies (keyof BenchFlags)[];

/** What --decode asks for. @throws WorkbenchError naming the flag */
export const readDecodingFlags = (flags: BenchFlags): DecodingChoice => {
  for (const flag of [...Object.keys(flagTexts), ...Object.keys(switchTexts)] as (keyof BenchFlags)[])
    if (flags[flag] !== undefined && !decodingFlags.includes(flag))
      throw invalidInput(
        `--${flag}: means nothing to --decode, which takes --${decodingFlags.slice(1).join(', --')}`,
      );
  const number = (name: keyof typeof flagTexts): number | undefined => wholeNumber(flags[name], `--${name}`);
  const settings = checked(decodingSettingsSchema, {
    promptTokens: number('seq') ?? 128,
    tokens: number('steps') ?? 48,
    threads: number('threads') ?? null,
    seed: number('seed') ?? 1,
    base: flags.base ?? 'fp32',
    profile: flags.profile ?? false,
  });
  return { model: readModelChoice(flags), settings };
};

const readModelChoice = ({ model, shape }: BenchFlags): BenchChoice['model'] => {
  if (model !== undefined && shape !== undefined)
    throw invalidInput('--model and --shape exclude each other');
  if (model !== undefined) return { kind: 'folder', name: model, directory: givenSource(model, '--model') };
  const name = shape ?? usualShape;
  const config = Object.hasOwn(modelShapes, name) ? modelShapes[name] : undefined;
  if (config === undefined)
    throw invalidInput(`--shape: no shape "${name}" (there are ${Object.keys(modelShapes).join(', ')})`);
  return { kind: 'shape', name, config };
};

const readAdapter = (
  flags: BenchFlags,
  number: (name: keyof typeof flagTexts) => number | undefined,
): BenchSpecification['adapter'] => {
  const { method = 'lora' } = flags;
  const own = isMethod(method) ? rankFlagsOf(method) : undefined;
  for (const flag of ['rank', 'outer', 'inner'] as const)
    if (own && flags[flag] !== undefined && !Object.values<string>(own).includes(flag))
      throw invalidInput(`--${flag}: ${method} has none; it takes --${Object.values(own).join(' and --')}`);
  const ranks = Object.entries(own ?? {}).map(([field, flag]) => [field, number(flag)]);
  // One batch of activation statistics: what is measured is a step, and how long a decomposition takes.
  const calibrated = isMethod(method) && 'calibrationBatches' in methods[method].schema.shape;
  const calibration = calibrated ? { calibrationBatches: 1 } : {};
  const share = Number(flags.dropout);
  const dropout = flags.dropout === undefined ? {} : { dropout: Number.isNaN(share) ? flags.dropout : share };
  return checked(newAdapterSettingsSchema, {
    method,
    ...Object.fromEntries(ranks),
    ...calibration,
    ...dropout,
  });
};

const checked = <S extends Parameters<typeof check>[0]>(schema: S, input: unknown) => {
  const { value, problems } = check(schema, input);
  if (value !== null) return value;
  const texts = problems.map(({ path, message }) =>
    problemText({ path: [flagOfField[pathText(path)] ?? pathText(path)], message }),
  );
  throw invalidInput(inOneLine(texts));
};
