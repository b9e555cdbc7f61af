import type { Batch } from '../../data/batches/batch.ts';
import { objectiveOf } from '../../objectives/index.ts';
import type { ComparedRows, Metrics } from '../../objectives/objective.ts';
import type { DeviceName } from '../../runtime/device-names.ts';
import { towersOf } from '../../models/compared-model.ts';
import { createSession } from '../../runtime/session.ts';
import type { Tensor } from '../../tensor.ts';
import type { BaseInputs } from '../model/base-inputs.ts';
import { comparedNames } from '../model/comparison-graphs.ts';
import { evaluationGraph, rowsGraph, type BatchLimits } from '../model/loss-graph.ts';
import { besideTexts, embeddingsOf, sharedEmbeddings, textsAlone } from '../model/shared-texts.ts';
import type { TrainedModel } from '../model/trained-model.ts';

export interface EvaluationOptions extends TrainedModel, BatchLimits {
  readonly threads: number | null;
  readonly device: DeviceName;
}

/** Whether all batches have the same texts, which are then encoded for the first one alone. */
const textsOnce = ({ model: { architecture } }: TrainedModel): boolean =>
  objectiveOf(architecture).sharesTexts === true && towersOf(architecture).texts.input === null;

const only = (taken: ReadonlySet<string>, feeds: BaseInputs): BaseInputs =>
  Object.fromEntries(Object.entries(feeds).filter(([name]) => taken.has(name)));

const embedTexts = async (options: EvaluationOptions, feeds: BaseInputs): Promise<Record<string, Tensor>> => {
  const { threads, device } = options;
  const graph = rowsGraph(textsAlone(options), options, embeddingsOf);
  const session = await createSession(graph, { threads, device });
  try {
    const outputs = await session.run(only(new Set(graph.inputs.map(({ name }) => name)), feeds));
    return { [sharedEmbeddings]: outputs[comparedNames('texts').rows]! };
  } finally {
    await session.release();
  }
};

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
  const once = textsOnce(options);
  const graph = evaluationGraph(once ? besideTexts(options) : options, options);
  const session = await createSession(graph, { threads, device });
  const taken = new Set(graph.inputs.map(({ name }) => name));
  let texts: Record<string, Tensor> | undefined;
  const sums: Record<string, number> = {};
  const kept: ComparedRows[] = [];
  let count = 0;
  try {
    for await (const batch of batches) {
      const feeds = feedsOf(batch, { labels, outputs: architecture.outputs });
      if (once) texts ??= await embedTexts(options, { ...feeds, ...folded });
      const outputs = await session.run({ ...only(taken, { ...feeds, ...folded }), ...texts });
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
