import type { AdapterDescription } from '../../adapters/description/adapter-description.ts';
import { adaptSite } from '../../adapters/layer/adapter-graph.ts';
import {
  allFactors,
  factorKey,
  factorShape,
  layerAdapter,
  type FactorValues,
} from '../../adapters/layer/layer-adapter.ts';
import type { TensorLocation } from '../../formats/safetensors-reader.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import type { ForwardResult, LinearLayer } from '../../models/architecture.ts';
import { scalingsOf, sideNames } from './base-inputs.ts';
import type { TrainingNoise } from '../batch/noise.ts';
import { readModelWeight } from '../../models/weights/model-weights.ts';
import { buildForward, type Model } from '../../models/model.ts';
import { layoutParameters, packParameters, type ParameterLayout } from '../../optim/parameter-layout.ts';

/** An adapter on a model: what it is, where it sits, and the numbers it starts from. */
export interface AdapterState {
  readonly description: AdapterDescription;
  readonly layers: readonly LinearLayer[];
  /** All that are trained (base weights too, where they do not start as the model's), and those that are not where `files` lacks them. */
  readonly values: FactorValues;
  /** Where frozen factors stand on the disk, to be read in place. */
  readonly files?: ReadonlyMap<string, TensorLocation>;
}

/** What a training graph is made of: a base model, an adapter, and base weights that are trained themselves. */
export interface TrainedModel {
  readonly model: Model;
  readonly adapter: AdapterState | null;
  /** Names of base weights to train; the others are frozen and stay in their files. */
  readonly trainedWeights: readonly string[];
}

/** All trained tensors: base weights first, then the adapter's trained factors, layer by layer. */
export const trainedLayout = ({ model, adapter, trainedWeights }: TrainedModel): ParameterLayout => {
  const weights = trainedWeights.map((name) => ({
    name,
    shape: model.weightShapes.get(name) as readonly number[],
  }));
  const factors = (adapter?.layers ?? []).flatMap((layer) =>
    allFactors(layerAdapter((adapter as AdapterState).description, layer))
      .filter(({ trained }) => trained)
      .map((factor) => ({
        name: factorKey(layer.module, factor),
        shape: factorShape(factor),
        learningRateRatio: factor.learningRateRatio,
      })),
  );
  return layoutParameters([...weights, ...factors]);
};

/** Where training starts from, in the order of `layout`. */
export const initialParameters = ({ model, adapter }: TrainedModel, layout: ParameterLayout): Float32Array =>
  packParameters(layout, (name) => adapter?.values.get(name) ?? readModelWeight(model, name));

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
  positions: number,
  training: TrainingNoise | null = null,
): ForwardResult => {
  const { nameOf } = scalingsOf(adapter);
  const rate = training && adapter ? adapter.description.dropout : 0;
  return buildForward(g, model, {
    positions,
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
            ? (x) => training.noise.dropOut(x, rate, module)
            : null,
        magnitude: folded.has(names.lengths)
          ? { lengths: given(names.lengths), squaredNorms: given(names.squaredNorms) }
          : null,
      });
    },
  });
};
