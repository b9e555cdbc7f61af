import { valueText } from '../../../json-value.ts';
import { z } from 'zod';
import { expressionProblem, matchPattern } from '../../../adapters/description/patterns.ts';
import type { AdapterDescription } from '../../../adapters/description/adapter-description.ts';
import { methods } from '../../../adapters/methods/index.ts';
import { adapterSettingsSchema, describeAdapter } from '../../../adapters/settings/adapter-settings.ts';
import { invalidInput, WorkbenchError } from '../../../errors.ts';
import { readTensorFloat32 } from '../../../formats/safetensors-reader.ts';
import { checked } from '../../../problems.ts';
import { peftConfigFile } from '../../folder.ts';
import type { PeftForm, ReadPeftOptions } from '../../form.ts';
import { importedAdapter, layersOf } from '../../imported-adapter.ts';
import { readSavedWeights } from '../../saved-weights.ts';
import { peftDropout, peftRank, readTargeting, targetingSchema } from '../../targeting.ts';
import { checkTying, withoutTiedCopies } from '../../tying.ts';
import { findPairs, isPart } from './tensors.ts';

const patternOf = (value: z.ZodType<number>) =>
  z
    .record(z.string(), value)
    .superRefine((pattern, context) => {
      for (const key of Object.keys(pattern)) {
        const message = expressionProblem(key);
        if (message !== null) context.addIssue({ code: 'custom', path: [key], message });
      }
    })
    .nullish()
    .transform((pattern) => pattern ?? {});

const configSchema = z.object({
  r: peftRank,
  /** Zero adds nothing, and below it the product is taken away. */
  lora_alpha: z.number(),
  lora_dropout: peftDropout,
  use_rslora: z.boolean().default(false),
  use_dora: z.boolean().default(false),
  ensure_weight_tying: z.boolean().default(false),
  init_lora_weights: z.union([z.boolean(), z.string()]).nullish(),
  ...targetingSchema.shape,
  rank_pattern: patternOf(peftRank),
  alpha_pattern: patternOf(z.number()),
});
type LoraConfig = z.output<typeof configSchema>;

type Method = (typeof methods)[keyof typeof methods];

/** The method of ours that a LoRA's configuration says by a flag of this value. */
const methodWith = (flag: string, value: unknown): Method | undefined =>
  Object.values(methods).find(({ peft }) =>
    Object.entries(peft?.flags ?? {}).some(([key, own]) => key === flag && own === value),
  );

/** What a method is where nothing else is chosen. */
const usually = ({ name }: Method): AdapterDescription =>
  describeAdapter(adapterSettingsSchema.parse({ method: name }));

/** Starts that take something from the base and cannot be made again from its weights: they come of data, or of chance. */
const foreignResidual = /^(pissa|corda|lora_ga|loftq|kasa)/;

/**
 * Which of our methods a LoRA configuration is. A start that takes something from the base is made again from its weights, as PEFT does
 * when it loads the adapter, unless the base is the one that was left.
 */
const methodOf = (config: LoraConfig, { onResidualBase = false }: ReadPeftOptions): Method => {
  const start = valueText(config.init_lora_weights ?? true);
  const known = methodWith('init_lora_weights', start.toLowerCase());
  const changesBase = known ? usually(known).residual : foreignResidual.test(start);
  const takesFromBase = changesBase && !onResidualBase;
  if (takesFromBase && known === undefined)
    throw new WorkbenchError(
      'unsupported',
      `adapter_config.json: init_lora_weights is ${start}: the adapter belongs to the base that its start changed, which cannot be made again from the file. Save it with PEFT's path_initial_model_for_weight_conversion, or import the changed base as a model and the adapter onto that, as one on a residual base`,
    );
  if (takesFromBase && config.use_dora)
    throw new WorkbenchError(
      'unsupported',
      `adapter_config.json: use_dora together with init_lora_weights ${start} is not supported`,
    );
  const flagged = config.use_dora ? methodWith('use_dora', true) : undefined;
  const started = changesBase && onResidualBase ? undefined : known;
  const scaled = config.use_rslora ? methodWith('use_rslora', true) : undefined;
  return flagged ?? started ?? scaled ?? methods.lora;
};

/** A start that is divided by the root of alpha (PiSSA's): PEFT makes NaN of it where there is none. */
const checkRoot = (
  { outer: { initialisation } }: AdapterDescription,
  start: unknown,
  alphas: readonly number[],
): void => {
  const none = alphas.find((alpha) => !(alpha > 0));
  const { source } = initialisation;
  if (source?.kind === 'decomposition' && source.descaled && none !== undefined)
    throw invalidInput(
      `${peftConfigFile}: lora_alpha: ${none} together with init_lora_weights ${String(start)}: the start is divided by its root`,
    );
};

export const read: PeftForm['read'] = ({ configPath, config: raw, header }, layers, options) => {
  const config = checked(configSchema, raw, configPath);
  const targeting = readTargeting(config);
  const { r: rank, use_dora: hasMagnitude, ensure_weight_tying: tiesWeights } = config;
  const savedWeights = readSavedWeights(header, targeting.modulesToSave, isPart);
  const pairs = findPairs(header, (module) => matchPattern(config.rank_pattern, module) ?? rank);
  if (pairs.length === 0) throw invalidInput(`${header.path}: holds no LoRA tensors`);
  const bare = hasMagnitude ? pairs.find(({ keys }) => keys.magnitude === undefined) : undefined;
  if (bare) throw invalidInput(`${header.path}: module ${bare.module}: its lora_magnitude_vector is missing`);
  checkTying({ tiesWeights, modules: pairs, modulesToSave: targeting.modulesToSave, savedWeights }, layers);

  const method = methodOf(config, options);
  const usual = usually(method);
  // rsLoRA divides by the root of the rank; another method's alpha is larger by that for the same scaling.
  const isLarger = config.use_rslora && usual.scaling.divisor !== 'sqrt-rank';
  const larger = (alpha: number, ofRank: number): number => (isLarger ? alpha * Math.sqrt(ofRank) : alpha);
  const alphaAt = (module: string): number => matchPattern(config.alpha_pattern, module) ?? config.lora_alpha;
  const alpha = larger(config.lora_alpha, rank);
  const adapted = layersOf(pairs, layers);
  checkRoot(usual, config.init_lora_weights, [alpha, ...pairs.map(({ module }) => alphaAt(module))]);
  const rankPattern: Record<string, number> = {};
  const alphaPattern: Record<string, number> = {};
  for (const pair of pairs) {
    const own = larger(alphaAt(pair.module), pair.rank);
    if (pair.rank !== rank) rankPattern[pair.module] = pair.rank;
    if (own !== alpha) alphaPattern[pair.module] = own;
  }
  const keysOf = new Map(pairs.map(({ module, keys }) => [module, keys]));
  return importedAdapter(
    {
      settings: {
        ...method.settled,
        ...{ method: method.name, rank, alpha, rankPattern, alphaPattern, dropout: config.lora_dropout },
      },
      targeting,
      adapted,
      savedWeights: withoutTiedCopies(savedWeights, layers),
      numbers: ({ module }) => {
        const { a, b, magnitude } = keysOf.get(module)!;
        const numbersOf = (key: string) => (): Float32Array => readTensorFloat32(header, key);
        return {
          lora_A: numbersOf(a),
          lora_B: numbersOf(b),
          ...(magnitude === undefined ? {} : { magnitude: numbersOf(magnitude) }),
        };
      },
    },
    layers,
  );
};
