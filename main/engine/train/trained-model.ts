import type { AdapterDescription } from '../adapters/adapter-description.ts';
import { adaptSite } from '../adapters/adapter-graph.ts';
import { allFactors, factorChain, factorKey, type FactorValues } from '../adapters/factors.ts';
import { readWeight } from '../formats/model-folder.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { ForwardResult, LinearLayer } from '../models/architecture.ts';
import { buildForward, type Model } from '../models/model.ts';
import {
  layoutParameters,
  packParameters,
  sliceParameters,
  type ParameterLayout,
} from '../optim/parameter-layout.ts';

/** An adapter on a model: what it is, where it sits, and the numbers it starts from. */
export interface AdapterState {
  readonly description: AdapterDescription;
  readonly layers: readonly LinearLayer[];
  readonly values: FactorValues;
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
    allFactors(factorChain((adapter as AdapterState).description, layer))
      .filter(({ trained }) => trained)
      .map((factor) => ({ name: factorKey(layer.module, factor), shape: [factor.rows, factor.columns] })),
  );
  return layoutParameters([...weights, ...factors]);
};

/** Where training starts from, in the order of `layout`. */
export const initialParameters = ({ model, adapter }: TrainedModel, layout: ParameterLayout): Float32Array =>
  packParameters(layout, (name) => adapter?.values.get(name) ?? readWeight(model.folder, name));

/**
 * Adds the model's forward pass to a graph, with the trained tensors cut from an input `parameters`.
 * Returns them, in the order of the layout, to differentiate by.
 */
export const buildTrainedForward = (
  g: GraphBuilder,
  { model, adapter }: TrainedModel,
  layout: ParameterLayout,
  positions: number,
): ForwardResult & { trained: Value[] } => {
  const trained =
    layout.total === 0
      ? new Map<string, Value>()
      : sliceParameters(g, layout, g.input('parameters', 'float32', [layout.total]));
  const adapted = new Set(adapter?.layers.map(({ module }) => module));
  const result = buildForward(g, model, {
    positions,
    weight: (name) => trained.get(name),
    adapt: (site) => {
      if (!adapter || !adapted.has(site.layer.module)) return site.output;
      return adaptSite(
        g,
        site,
        adapter.description,
        (key, { rows, columns }) =>
          trained.get(key) ?? g.constant(key, [rows, columns], adapter.values.get(key) as Float32Array),
      );
    },
  });
  return { ...result, trained: layout.slots.map(({ name }) => trained.get(name) as Value) };
};
