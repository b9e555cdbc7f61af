import { concurrently } from '../concurrently.ts';
import type { Batch } from '../data/batches/batch.ts';
import { invalidInput, type WorkbenchError } from '../errors.ts';
import type { LinearLayer } from '../models/architecture.ts';
import type { Model } from '../models/model.ts';
import type { DeviceName } from '../runtime/device-names.ts';
import { createSession } from '../runtime/session.ts';
import type { Tensor } from '../tensor.ts';
import { extentOf, type Dimension } from '../graph/dimension.ts';
import { extentsOf } from '../graph/input-extents.ts';
import { objectiveOf } from '../objectives/index.ts';
import { calibrationGraph } from './calibration-graph.ts';
import {
  statistics as known,
  type ActivationStatistics,
  type BatchNumbers,
  type LayerStatistics,
  type StatisticName,
} from './statistics.ts';

export interface CalibrationOptions {
  readonly model: Model;
  readonly layers: readonly LinearLayer[];
  readonly batches: readonly Batch[];
  readonly positions: number;
  /** mean |x| alone where absent. */
  readonly statistics?: readonly StatisticName[];
  /** Whether each row's first token counts: large activations at the start of a text can outweigh all others. Default true. */
  readonly firstTokenCounts?: boolean;
  /** Tokens that count: all, or those that training is to predict, where it predicts tokens. Default 'all'. */
  readonly tokens?: 'all' | 'labelled';
  readonly threads: number | null;
  /** Default 'cpu'. */
  readonly device?: DeviceName;
  readonly onBatch?: (done: number) => Promise<void> | void;
}

/** What a model that overflows, or has such weights, leaves of its activations. */
const notFinite = (module: string, of: 'input' | 'output-gradient'): WorkbenchError => {
  const what = of === 'input' ? 'inputs' : 'gradient by the outputs';
  return invalidInput(
    `${module}: the ${what} hold NaN or infinity on the calibration data, so nothing can be started from them`,
  );
};

/**
 * Runs the base model over the batches, one after the other, and takes statistics of each layer's inputs (and of the loss's gradient by
 * its outputs, where asked) over all their rows that count. Nothing of a batch is kept but what it adds.
 */
export const calibrate = async (options: CalibrationOptions): Promise<ActivationStatistics> => {
  const { model, layers, batches, positions, threads, device = 'cpu', onBatch } = options;
  const { statistics = ['mean-absolute'], firstTokenCounts = true, tokens = 'all' } = options;
  const objective = objectiveOf(model.architecture);
  const labels = Math.max(1, ...batches.map(({ scored }) => scored));
  const { graph, outputs } = calibrationGraph(model, { layers, statistics, positions, labels });
  const size = { labels, outputs: model.architecture.outputs };
  const takes = new Set(graph.inputs.map(({ name }) => name));
  const session = await createSession(graph, { threads, device });
  /** By the name of the output. */
  const totals = new Map<string, Float64Array>();
  const distinct = [...new Map(outputs.map((one) => [one.output, one])).values()];
  /** Of rows that have weights, and of others by their extent. */
  const counts = new Map<Dimension | null, number>();
  const count = (rows: Dimension | null, more: number): void =>
    void counts.set(rows, (counts.get(rows) ?? 0) + more);
  const others = new Set(distinct.flatMap(({ rows }) => rows ?? []));
  try {
    for (const [index, batch] of batches.entries()) {
      const weights = objective.calibrationWeights(batch, { firstTokenCounts, tokens });
      const feeds: Record<string, Tensor> = {
        ...objective.feeds(batch, size),
        ...objective.scored.feeds(batch),
        row_weight: { shape: [weights.length, 1], data: weights },
      };
      const taken = Object.entries(feeds).filter(([name]) => takes.has(name));
      const results = await session.run(Object.fromEntries(taken));
      await concurrently(distinct, threads ?? 2, async ({ output, statistic, width }) => {
        const data = results[output]!.data as BatchNumbers;
        totals.set(output, await known[statistic].add(totals.get(output), data, width));
      });
      count(
        null,
        weights.reduce((sum, weight) => sum + weight, 0),
      );
      const extents = extentsOf(graph.inputs, (name) => feeds[name]?.shape);
      for (const rows of others) count(rows, extentOf(rows, extents));
      await onBatch?.(index + 1);
    }
  } finally {
    await session.release();
  }
  const finished = new Map(
    distinct.map(({ module, output, statistic, rows }) => {
      const total = totals.get(output) as Float64Array;
      if (!total.every(Number.isFinite)) throw notFinite(module, known[statistic].of);
      return [output, known[statistic].finish(total, counts.get(rows) ?? 0)];
    }),
  );
  const ofLayer = (module: string): LayerStatistics =>
    Object.fromEntries(
      outputs
        .filter((one) => one.module === module)
        .map(({ statistic, output }) => [statistic, finished.get(output)]),
    );
  return new Map(layers.map(({ module }) => [module, ofLayer(module)]));
};
