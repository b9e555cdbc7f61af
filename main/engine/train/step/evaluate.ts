import type { Batch } from '../../data/batches/batch.ts';
import { objectiveOf } from '../../objectives/index.ts';
import type { ComparedRows, Metrics } from '../../objectives/objective.ts';
import type { DeviceName } from '../../runtime/device-names.ts';
import { createSession } from '../../runtime/session.ts';
import type { BaseInputs } from '../model/base-inputs.ts';
import { evaluationGraph, type BatchLimits } from '../model/loss-graph.ts';
import type { TrainedModel } from '../model/trained-model.ts';

export interface EvaluationOptions extends TrainedModel, BatchLimits {
  readonly threads: number | null;
  readonly device: DeviceName;
}

/**
 * What the model does on data that it is not trained on, by the objective's metrics. The session lives only for as long as it takes: it
 * holds the weights a second time wherever they are not float32 on the disk.
 * @param onBatch is told how many batches are done
 */
export const evaluate = async (
  options: EvaluationOptions,
  folded: BaseInputs,
  batches: Iterable<Batch> | AsyncIterable<Batch>,
  onBatch?: (done: number) => Promise<void> | void,
): Promise<Metrics> => {
  const { labels, threads, device } = options;
  const { architecture } = options.model;
  const { feeds: feedsOf, measure, metrics, together } = objectiveOf(architecture);
  const session = await createSession(evaluationGraph(options, options), { threads, device });
  const sums: Record<string, number> = {};
  const kept: ComparedRows[] = [];
  let count = 0;
  try {
    for await (const batch of batches) {
      const feeds = feedsOf(batch, { labels, outputs: architecture.outputs });
      const outputs = await session.run({ ...feeds, ...folded });
      for (const [name, value] of Object.entries(measure({ batch, feeds, outputs })))
        sums[name] = (sums[name] ?? 0) + value;
      if (together) kept.push(together.keep(batch, outputs));
      await onBatch?.(++count);
    }
  } finally {
    await session.release();
  }
  return { ...metrics(sums), ...(together && (await together.metrics(kept))) };
};
