import type { Batch } from '../data/batches.ts';
import { WorkbenchError } from '../errors.ts';
import { createGraphBuilder, type GraphBuilder } from '../graph/builder.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { LinearLayer } from '../models/architecture.ts';
import { buildForward, type Model, type Site } from '../models/model.ts';
import type { DeviceName } from '../runtime/device-names.ts';
import { createSession } from '../runtime/session.ts';
import { firstTokens, tokenTensors } from '../train/batch-inputs.ts';
import {
  statistics as known,
  type ActivationStatistics,
  type LayerStatistics,
  type StatisticName,
} from './statistics.ts';

/** Layers that share an input (q, k and v do) share its statistics, under the first one's name. */
interface CalibrationGraph {
  readonly graph: Graph;
  readonly inputOf: ReadonlyMap<string, string>;
  /** Inputs with one row for each example rather than for each token. */
  readonly perRow: ReadonlySet<string>;
}

const outputName = (input: string, statistic: StatisticName): string => `${statistic}:${input}`;

/** A statistic of one batch's inputs, whose tokens count by their weights. */
type OfBatch = (statistic: StatisticName) => Value;

/** What a place in the model sees: vectors, or an embedding's indices, of which only the counts matter. */
const inputStatistics = (
  g: GraphBuilder,
  { layer: { module, inFeatures }, input }: Site,
  weight: Value,
): OfBatch => {
  if (input.dataType !== 'int64') {
    const counted = input.shape[0] === 'batch' ? input : g.multiply(input, weight);
    return (statistic) => known[statistic].ofBatch(g, counted);
  }
  const counts = g.scatterRows(input, weight, inFeatures);
  return (statistic) => {
    const made = known[statistic].ofCounts?.(g, counts);
    if (made) return made;
    throw new WorkbenchError(
      'unsupported',
      `targetModules: ${module} is an embedding, of whose ${inFeatures} inputs there is no ${statistic}`,
    );
  };
};

/** Statistics of one batch, at the input of each layer; padding and other rows of weight 0 count nothing. */
const calibrationGraph = (
  model: Model,
  layers: readonly LinearLayer[],
  wantedStatistics: readonly StatisticName[],
  positions: number,
): CalibrationGraph => {
  const g = createGraphBuilder();
  const wanted = new Set(layers.map(({ module }) => module));
  const sites = new Map<Value, Site>();
  const inputOf = new Map<string, string>();
  const { hidden, head } = buildForward(g, model, {
    positions,
    adapt: (site) => {
      const { module } = site.layer;
      if (!wanted.has(module)) return undefined;
      const first = sites.get(site.input) ?? site;
      sites.set(site.input, first);
      inputOf.set(module, first.layer.module);
      return undefined;
    },
  });
  // Layers of the head see what it sees: every token, or each row's first.
  const isClassifier = model.architecture.task === 'sequence-classification';
  head.logits(isClassifier ? g.gatherRows(hidden, g.input('first_tokens', 'int64', ['batch'])) : hidden);
  const weight = g.input('token_weight', 'float32', ['batch*sequence', 1]);
  const firstSites = [...sites.values()];
  const perRow = new Set(
    firstSites.filter(({ input }) => input.shape[0] === 'batch').map(({ layer }) => layer.module),
  );
  const outputs = firstSites.flatMap((site) => {
    const ofBatch = inputStatistics(g, site, weight);
    return wantedStatistics.map((statistic): [string, Value] => [
      outputName(site.layer.module, statistic),
      ofBatch(statistic),
    ]);
  });
  // The runtime computes backwards from the last output: with the first layer's there, no input has to be kept for later.
  return { graph: g.build(Object.fromEntries(outputs.toReversed())), inputOf, perRow };
};

export interface CalibrationOptions {
  readonly model: Model;
  readonly layers: readonly LinearLayer[];
  readonly batches: readonly Batch[];
  readonly positions: number;
  /** mean |x| alone where absent. */
  readonly statistics?: readonly StatisticName[];
  /** Whether each row's first token counts: large activations at the start of a text can outweigh all others. Default true. */
  readonly firstTokenCounts?: boolean;
  readonly threads: number | null;
  /** Default 'cpu'. */
  readonly device?: DeviceName;
  readonly onBatch?: (done: number) => Promise<void> | void;
}

/** 1 for the tokens that count. */
const tokenWeights = ({ attentionMask, positionIds }: Batch, firstTokenCounts: boolean): Float32Array =>
  Float32Array.from(attentionMask, (mask, at) =>
    firstTokenCounts || positionIds[at] !== 0n ? Number(mask) : 0,
  );

/**
 * Runs the base model over the batches, one after the other, and takes statistics of each layer's inputs over all their tokens that
 * count. Nothing of a batch is kept but what it adds.
 */
export const calibrate = async ({
  model,
  layers,
  batches,
  positions,
  statistics: wanted = ['mean-absolute'],
  firstTokenCounts = true,
  threads,
  device = 'cpu',
  onBatch,
}: CalibrationOptions): Promise<ActivationStatistics> => {
  const { graph, inputOf, perRow } = calibrationGraph(model, layers, wanted, positions);
  const session = await createSession(graph, { threads, device });
  const totals = new Map<string, Float64Array>();
  const isClassifier = model.architecture.task === 'sequence-classification';
  let [tokens, rows] = [0, 0];
  try {
    for (const [index, batch] of batches.entries()) {
      const weights = tokenWeights(batch, firstTokenCounts);
      const outputs = await session.run({
        ...tokenTensors(batch),
        ...(isClassifier ? firstTokens(batch) : {}),
        token_weight: { shape: [weights.length, 1], data: weights },
      });
      for (const input of new Set(inputOf.values()))
        for (const statistic of wanted) {
          const name = outputName(input, statistic);
          const { data } = outputs[name]!;
          const total = totals.get(name) ?? new Float64Array(data.length);
          const { combine } = known[statistic];
          for (let at = 0; at < total.length; at++) total[at] = combine(total[at]!, Number(data[at]));
          totals.set(name, total);
        }
      tokens += weights.reduce((sum, weight) => sum + weight, 0);
      rows += batch.batch;
      await onBatch?.(index + 1);
    }
  } finally {
    await session.release();
  }
  const finished = (input: string): LayerStatistics =>
    Object.fromEntries(
      wanted.map((statistic) => {
        const total = totals.get(outputName(input, statistic)) as Float64Array;
        const count = perRow.has(input) ? rows : tokens;
        return [statistic, known[statistic].isMean ? total.map((value) => value / count) : total];
      }),
    );
  const byInput = new Map([...new Set(inputOf.values())].map((input) => [input, finished(input)]));
  return new Map([...inputOf].map(([module, input]) => [module, byInput.get(input) as LayerStatistics]));
};
