import { deltaRank } from '../adapters/factors.ts';
import type { Feed } from '../runtime/session.ts';
import type { TrainedModel } from './trained-model.ts';

/** A tensor that the base model's graphs take from outside, another one at each step: a trained base weight, or one side of a delta. */
export interface BaseInput {
  readonly name: string;
  readonly shape: readonly number[];
}

export type BaseInputs = Readonly<Record<string, Feed>>;

/** Names of a layer's sides: left (out x rank) and right (rank x in). */
export const sideNames = (module: string) => ({ left: `${module}.left`, right: `${module}.right` }) as const;

/** Name of the gradient by a base input, among the outputs of a graph and the inputs of another. */
export const gradientOf = (name: string): string => `gradient:${name}`;

/** What all deltas are multiplied by, a scalar. */
export const scalingInput = 'scaling';

/** Where two arms have the same, one compiled base serves both. */
export const baseInputs = ({ model, adapter, trainedWeights }: TrainedModel): BaseInput[] => [
  ...trainedWeights.map((name) => ({ name, shape: model.weightShapes.get(name) as readonly number[] })),
  ...(adapter?.layers ?? []).flatMap(({ module, outFeatures, inFeatures }) => {
    const rank = deltaRank(adapter!.description);
    const { left, right } = sideNames(module);
    return [
      { name: left, shape: [outFeatures, rank] },
      { name: right, shape: [rank, inFeatures] },
    ];
  }),
];
