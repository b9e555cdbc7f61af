import { adaptSite } from '../../adapters/layer/adapter-graph.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import type { ForwardResult } from '../../models/architecture.ts';
import { buildForward, type ForwardOptions } from '../../models/model.ts';
import type { TrainingNoise } from '../batch/noise.ts';
import { scalingsOf, sideNames } from './base-inputs.ts';
import type { TrainedModel } from './trained-model.ts';

/** What the base inputs (`baseInputs`) and the scalings (`scalingsOf`) are in a graph, by name. */
export interface GivenInputs {
  readonly folded: ReadonlyMap<string, Value>;
  readonly scaling: (name: string) => Value;
}

/**
 * Adds the model's forward pass to a graph, with what the base inputs are there. Trained base weights have their gradients by them
 * too.
 *
 * @param training what only training does to it: null in evaluation
 */
export const buildTrainedForward = (
  g: GraphBuilder,
  { model, adapter }: TrainedModel,
  { folded, scaling }: GivenInputs,
  options: Pick<ForwardOptions, 'positions' | 'branching'>,
  training: TrainingNoise | null = null,
): ForwardResult => {
  const { nameOf } = scalingsOf(adapter);
  const rate = training && adapter ? adapter.description.dropout : 0;
  return buildForward(g, model, {
    ...options,
    weight: (name) => folded.get(name),
    adapts: (module) => nameOf[module] !== undefined,
    ...(training && training.neftuneAlpha > 0 ? { embeddings: training.noise.disturb } : {}),
    adapt: (site) => {
      const { module } = site.layer;
      const scalingName = nameOf[module];
      if (scalingName === undefined) return undefined;
      const names = sideNames(module);
      const given = (name: string): Value => folded.get(name) as Value;
      return adaptSite(g, site, {
        left: given(names.left),
        right: given(names.right),
        scaling: scaling(scalingName),
        residual: folded.has(names.residualLeft)
          ? { left: given(names.residualLeft), right: given(names.residualRight) }
          : null,
        // An embedding's input is a token, which is there or not: PEFT drops nothing of it.
        dropOut:
          training && rate > 0 && site.layer.role !== 'embedding'
            ? { drop: (x) => training.noise.dropOut(x, rate, module), factor: 1 / (1 - rate) }
            : null,
        magnitude: folded.has(names.lengths)
          ? { lengths: given(names.lengths), squaredNorms: given(names.squaredNorms) }
          : null,
      });
    },
  });
};
