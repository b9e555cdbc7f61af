import { factorKey, layerAdapter, type Factor } from '../../adapters/layer/layer-adapter.ts';
import type { LinearLayer } from '../../models/architecture.ts';
import type { Tensor } from '../../tensor.ts';
import { emptyTensor } from '../batch/tensors.ts';
import { type BaseInputs, gradientOf, sideNames } from '../model/base-inputs.ts';
import { frozenFactors } from '../model/frozen-factors.ts';
import { createLayerFolds, type LayerFold, type SideName } from './layer-fold.ts';
import type { AdapterState } from '../model/trained-model.ts';

/** A trained factor's place in a vector of the layout; undefined for others. */
export type TrainedFactors = (key: string) => Tensor | undefined;

type Tensors = Readonly<Record<string, Tensor>>;

/** The sides of deltas that are products of factors, in main memory. */
export interface ProductSides {
  /** The sides by base input: good until the next fold. */
  readonly fold: (parameters: TrainedFactors) => Promise<Tensors>;
  /** Writes the gradients by the trained factors, from those by the sides (`gradientOf` the base inputs). */
  readonly pullBack: (
    gradients: BaseInputs,
    parameters: TrainedFactors,
    into: TrainedFactors,
  ) => Promise<void>;
  readonly release: () => Promise<void>;
}

export const createProductSides = async (adapter: AdapterState): Promise<ProductSides> => {
  const { description, layers } = adapter;
  const folds = await createLayerFolds(description, layers);
  const frozen = frozenFactors(adapter);
  const folded = layers
    .map((layer) => ({ layer, fold: folds.of(layer) }))
    .filter(({ fold }) => fold.products.length > 0)
    .map((entry) => ({ ...entry, sides: sideBuffers(entry, layerAdapter(description, entry.layer).rank) }));

  const factorTensors = ({ module }: LinearLayer, { factors }: LayerFold, parameters: TrainedFactors) =>
    Object.fromEntries(
      factors.map((factor) => [factor.name, parameters(factorKey(module, factor)) ?? frozen(module, factor)]),
    );

  return {
    fold: async (parameters) => {
      const all: Record<string, Tensor> = {};
      for (const { layer, fold, sides } of folded) {
        await fold.fold(factorTensors(layer, fold, parameters), sides);
        for (const side of fold.products) all[sideNames(layer.module)[side]] = sides[side] as Tensor;
      }
      return all;
    },
    pullBack: async (gradients, parameters, into) => {
      for (const { layer, fold } of folded) {
        const bySides = fold.products.map((side): [string, Tensor] => [
          gradientOf(side),
          gradients[gradientOf(sideNames(layer.module)[side])] as Tensor,
        ]);
        await fold.pullBack(
          { ...factorTensors(layer, fold, parameters), ...Object.fromEntries(bySides) },
          trainedGradients(layer, fold, into),
        );
      }
    },
    release: folds.release,
  };
};

const sideBuffers = (
  { layer, fold }: { layer: LinearLayer; fold: LayerFold },
  rank: number,
): Partial<Record<SideName, Tensor>> => {
  const shapes = { left: [layer.outFeatures, rank], right: [rank, layer.inFeatures] } as const;
  return Object.fromEntries(fold.products.map((side) => [side, emptyTensor(shapes[side])]));
};

const trainedGradients = ({ module }: LinearLayer, { factors }: LayerFold, into: TrainedFactors): Tensors =>
  Object.fromEntries(
    factors
      .filter((factor: Factor) => factor.trained)
      .map((factor) => [gradientOf(factor.name), into(factorKey(module, factor)) as Tensor]),
  );
