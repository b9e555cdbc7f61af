import type { AdapterDescription } from '../../adapters/description/adapter-description.ts';
import {
  allFactors,
  factorKey,
  factorShape,
  layerAdapter,
  type FactorValues,
} from '../../adapters/layer/layer-adapter.ts';
import type { TensorLocation } from '../../formats/safetensors-reader.ts';
import type { LinearLayer } from '../../models/architecture.ts';
import { readModelWeight } from '../../models/weights/model-weights.ts';
import type { Model } from '../../models/model.ts';
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

/** A rate of its own for tensors of some modules. */
export interface ModuleRate {
  /** Modules whose names begin with it. */
  readonly prefix: string;
  /** By which the learning rate is multiplied. */
  readonly ratio: number;
}

/**
 * All trained tensors: base weights first, then the adapter's trained factors, layer by layer. Those of a rate of its own stand together, whatever its ratio
 * is: a state is found again when rates change.
 */
export const trainedLayout = (
  { model, adapter, trainedWeights }: TrainedModel,
  moduleRate: ModuleRate | null = null,
): ParameterLayout => {
  const rated = (name: string, ratio = 1): { learningRateRatio: number; rate?: string } => {
    if (moduleRate === null || !name.startsWith(moduleRate.prefix)) return { learningRateRatio: ratio };
    return { learningRateRatio: ratio * moduleRate.ratio, rate: `${moduleRate.prefix} ${ratio}` };
  };
  const weights = trainedWeights.map((name) => ({
    name,
    shape: model.weightShapes.get(name) as readonly number[],
    ...rated(name),
  }));
  const factors = (adapter?.layers ?? []).flatMap((layer) =>
    allFactors(layerAdapter((adapter as AdapterState).description, layer))
      .filter(({ trained }) => trained)
      .map((factor) => ({
        name: factorKey(layer.module, factor),
        shape: factorShape(factor),
        ...rated(layer.module, factor.learningRateRatio),
      })),
  );
  return layoutParameters([...weights, ...factors]);
};

/** Where training starts from, in the order of `layout`. */
export const initialParameters = ({ model, adapter }: TrainedModel, layout: ParameterLayout): Float32Array =>
  packParameters(layout, (name) => adapter?.values.get(name) ?? readModelWeight(model, name));
