import { z } from 'zod';
import { targetingFields } from '../../../../engine/adapters/description/targeting.ts';
import { isNamed } from '../../../../engine/adapters/layer/target-modules.ts';
import { usualTargets } from '../../../../engine/adapters/settings/usual-targets.ts';
import { usualDrawing } from '../../../../engine/train/settings/usual-drawing.ts';
import { drawsPictures } from '../../../../engine/train/settings/picture-checks.ts';
import type { ObjectiveName } from '../../../../engine/objective-names.ts';
import { methods } from '../../../../engine/adapters/methods/index.ts';
import type { AdapterMethod } from '../../../../engine/adapters/settings/adapter-settings.ts';
import type { DatasetFormat } from '../../../../engine/data/files/dataset-format.ts';
import { invalidInput } from '../../../../engine/errors.ts';
import type { DrawnSides } from '../../../../engine/models/drawn-sides.ts';
import type { LayerPlace } from '../../../../engine/models/architecture.ts';
import type { ComparisonDefinitionInput } from '../../definition.ts';

/** What a template makes a definition of. */
export interface TemplateRequest {
  /** A model's and a dataset's id or name in the library. */
  readonly model: string;
  readonly dataset: string;
  /** The model's layers, of whose sizes ranks are chosen. */
  readonly layers: readonly LayerPlace[];
  /** What the model is trained for, which says what of it is adapted by itself. */
  readonly objective: ObjectiveName;
  /** Of what it draws; null where it draws nothing, or that isn't known. */
  readonly drawnSides: DrawnSides | null;
  /** Rows of the dataset's training file. */
  readonly trainRows: number;
  /** Modules that every arm trains whole: a classification head that the model lacks. */
  readonly modulesToSave?: readonly string[];
  /** Files of a template's tasks, by the task's name: those that are not given are left out. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A file that a published protocol scores on. */
export interface TemplateTask {
  readonly name: string;
  readonly title: string;
}

/** A ready-made design. */
export interface ComparisonTemplate {
  /** Stable: what commands and addresses call it. */
  readonly name: string;
  readonly title: string;
  /** In one sentence, for menus: the question that it answers. */
  readonly description: string;
  /** What the dataset's rows have to be read as; null takes any. */
  readonly datasetFormat: DatasetFormat | null;
  readonly tasks: readonly TemplateTask[];
  /** @throws invalid-input where the model lacks what the design needs */
  readonly make: (request: TemplateRequest) => ComparisonDefinitionInput;
}

/** As a file would have it: what is left out takes its default. */
export type Arm = Omit<ComparisonDefinitionInput['arms'][number], 'adapter'> & {
  readonly adapter: { readonly method: AdapterMethod; readonly [setting: string]: unknown };
};

/** The smaller side of the smallest of the layers that an adapter sits on by itself: no rank goes beyond it. */
export const smallestSide = ({
  layers,
  objective,
}: Pick<TemplateRequest, 'layers' | 'objective'>): number => {
  const targeting = { ...targetingDefaults, targetModules: usualTargets(objective) };
  const targets = layers.filter((layer) => isNamed(layer, targeting));
  if (targets.length === 0) throw invalidInput('model: has no linear layers for an adapter');
  return Math.min(...targets.map(({ outFeatures, inFeatures }) => Math.min(outFeatures, inFeatures)));
};

/** The largest power of two that is no larger; 1 at least. */
export const powerOfTwo = (number: number): number => 2 ** Math.max(0, Math.floor(Math.log2(number)));

/** 1, 2, 4, ... up to a number. */
export const powersUpTo = (most: number): number[] =>
  Array.from({ length: Math.log2(powerOfTwo(most)) + 1 }, (_, exponent) => 2 ** exponent);

/** Ranks that suit a model of any size: 16 of LoRA, 128 and 16 of NoRA, smaller where a layer is too narrow for them. */
export const usualRanks = (request: Pick<TemplateRequest, 'layers' | 'objective'>) => {
  const side = smallestSide(request);
  const outer = powerOfTwo(Math.min(128, side));
  return { lora: powerOfTwo(Math.min(16, side / 12)), outer, inner: Math.max(1, outer / 8) };
};

/** Twice the rank, so that an adapter counts twice whatever its rank: the ladder of ranks is then none of scalings. */
export const lora = (rank: number, more: object = {}) => ({
  method: 'lora' as const,
  rank,
  alpha: 2 * rank,
  ...more,
});
export const nora = (outerRank: number, innerRank: number, more: object = {}) => ({
  method: 'nora' as const,
  outerRank,
  innerRank,
  alpha: 2 * innerRank,
  ...more,
});

/** Rates from what suits a large model to what suits a small one, the same for every arm. */
export const rateTuning = {
  sweep: { settings: { 'training.learningRate': { values: [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2] } } },
};

const targetingDefaults = z.strictObject(targetingFields).parse({});

/** Not where the weights themselves are trained. */
const hasTargets = (method: AdapterMethod): boolean => 'targetModules' in methods[method].schema.shape;

/** What definitions have in common. */
export const definition = (
  title: string,
  { model, dataset, objective, drawnSides, modulesToSave = [] }: TemplateRequest,
  arms: readonly Arm[],
  more: Partial<ComparisonDefinitionInput> = {},
): ComparisonDefinitionInput => ({
  version: 1,
  name: title,
  model,
  dataset,
  training: { steps: 200, ...(drawsPictures(objective) && usualDrawing(drawnSides)) },
  arms: arms.map(({ adapter, ...arm }) => ({
    ...arm,
    adapter: {
      ...(hasTargets(adapter.method) && { targetModules: usualTargets(objective) }),
      ...adapter,
      ...(modulesToSave.length > 0 && adapter.method !== 'full' && { modulesToSave: [...modulesToSave] }),
    },
  })),
  ...more,
});
