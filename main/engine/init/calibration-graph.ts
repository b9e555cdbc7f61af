import { differentiate } from '../autodiff/differentiate.ts';
import { keptBy } from '../autodiff/memory-mode.ts';
import { WorkbenchError } from '../errors.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { createGraphBuilder } from '../graph/create-graph-builder.ts';
import type { Dimension } from '../graph/dimension.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { LinearLayer } from '../models/architecture.ts';
import { buildForward, type Model } from '../models/model.ts';
import { objectiveOf } from '../objectives/index.ts';
import { pixelRows } from '../models/blocks/pixel-rows.ts';
import { createPatchRows } from './patch-rows.ts';
import { statistics as known, type StatisticName } from './statistics.ts';

/** Where a statistic of a layer comes out. Layers that share an input (q, k and v do) share its outputs. */
export interface StatisticOutput {
  readonly module: string;
  readonly statistic: StatisticName;
  readonly output: string;
  /** How wide the rows are that it is taken of. */
  readonly width: number;
  /** How many of them a batch has, where all count alike; null where each has its own weight. */
  readonly rows: Dimension | null;
}

export interface CalibrationGraph {
  readonly graph: Graph;
  readonly outputs: readonly StatisticOutput[];
}

export interface CalibrationGraphOptions {
  readonly layers: readonly LinearLayer[];
  readonly statistics: readonly StatisticName[];
  readonly positions: number;
  /** Scored rows of a batch at most. */
  readonly labels: number;
}

/**
 * Statistics of one batch. Inputs: what the objective feeds of it for its scored rows, row_weight (the objective's `weightedRows` x 1: 0 for
 * padding and whatever else counts nothing), and the loss's targets where gradients are asked for.
 */
export const calibrationGraph = (
  model: Model,
  { layers, statistics, positions, labels }: CalibrationGraphOptions,
): CalibrationGraph => {
  const g = createGraphBuilder();
  const wanted = new Map(layers.map((layer) => [layer.module, layer]));
  const inputOf = new Map<LinearLayer, Value>();
  const products = new Map<LinearLayer, Value[]>();
  const patchRows = createPatchRows(g);
  const forward = buildForward(g, model, {
    positions,
    everyRow: true,
    adapt: ({ layer: { module, kernel }, input, product, bias, perOutput }) => {
      const layer = wanted.get(module);
      if (!layer) return undefined;
      if (!inputOf.has(layer)) inputOf.set(layer, kernel ? patchRows(input, kernel) : input);
      products.set(layer, [...(products.get(layer) ?? []), product]);
      // As it is, but by this very product: its gradient is asked for.
      return bias ? g.add(product, perOutput(bias)) : product;
    },
  });
  // Layers of the head see what it sees: the rows that are scored.
  const objective = objectiveOf(model.architecture);
  const { hidden, head } = forward;
  const inBody = products.size;
  head.logits(objective.scored.rows(g, hidden));

  const weight = g.input('row_weight', 'float32', [objective.weightedRows, 1]);
  const isWeighted = (rows: Value): boolean => rows.shape[0] === weight.shape[0];
  const counted = (rows: Value): Value => (isWeighted(rows) ? g.multiply(rows, weight) : rows);
  /** An embedding's input is one-hot: its indices tell how often each was the one. */
  const ofInput = ({ module, inFeatures }: LinearLayer, input: Value, statistic: StatisticName): Value => {
    const { ofBatch, ofCounts } = known[statistic];
    if (input.dataType !== 'int64') return ofBatch(g, counted(input));
    if (ofCounts) return ofCounts(g, g.scatterRows(input, weight, inFeatures));
    throw new WorkbenchError(
      'unsupported',
      `targetModules: ${module} is an embedding, of whose ${inFeatures} inputs there is no ${statistic}`,
    );
  };
  const ofGradients = statistics.filter((statistic) => known[statistic].of === 'output-gradient');
  const { outputs: logits } = model.architecture;
  // A loss may bring its own gradient by the hidden states, but not where the head's products are asked for: it passes them by.
  const loss = (): Value =>
    objective.loss(g, forward, { labels, outputs: logits, gradient: products.size === inBody }).loss;
  const gradients =
    ofGradients.length === 0 ? new Map<LinearLayer, Value[]>() : outputGradients(g, loss(), products);

  const named = new Map<string, Value>();
  const names = new Map<Value, string>();
  const outputs: StatisticOutput[] = [];
  for (const [layer, input] of inputOf)
    for (const statistic of statistics) {
      const { of, ofBatch } = known[statistic];
      const rows = isWeighted(input) ? null : (input.shape[0] as Dimension);
      const { module, inFeatures, outFeatures } = layer;
      if (of === 'output-gradient') {
        const output = `${statistic}:${module}`;
        const ofOutputs = (gradient: Value): Value => (layer.kernel ? pixelRows(g, gradient) : gradient);
        const parts = (gradients.get(layer) ?? []).map((gradient) =>
          ofBatch(g, counted(ofOutputs(gradient))),
        );
        named.set(
          output,
          parts.reduce((a, b) => g.add(a, b)),
        );
        outputs.push({ module, statistic, output, width: outFeatures, rows });
        continue;
      }
      const name = names.get(input) ?? module;
      names.set(input, name);
      const output = `${statistic}:${name}`;
      if (!named.has(output)) named.set(output, ofInput(layer, input, statistic));
      outputs.push({ module, statistic, output, width: inFeatures, rows });
    }
  // The runtime computes backwards from the last output: with the first layer's there, no input has to be kept for later.
  const inOrder = [...named].toReversed();
  return { graph: g.build(Object.fromEntries(inOrder)), outputs };
};

/** The gradients of the loss by each layer's products: one, or one for each chunk of the head. */
const outputGradients = (
  g: GraphBuilder,
  loss: Value,
  products: ReadonlyMap<LinearLayer, readonly Value[]>,
): Map<LinearLayer, Value[]> => {
  const all = [...products.values()].flat();
  const gradients = differentiate(g, loss, all, {
    keeps: keptBy(g, 'fast'),
    isBoundary: (value) => g.costs.get(value) === 'boundary',
  });
  const byProduct = new Map(all.map((product, at) => [product, gradients[at]]));
  return new Map(
    [...products].map(([layer, values]) => [layer, values.flatMap((value) => byProduct.get(value) ?? [])]),
  );
};
