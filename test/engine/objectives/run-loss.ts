import { differentiate } from '../../../main/engine/autodiff/differentiate.ts';
import type { Batch } from '../../../main/engine/data/batches/batch.ts';
import type { GraphBuilder } from '../../../main/engine/graph/builder.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import type { BatchObjective } from '../../../main/engine/objectives/objective.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import type { Tensor } from '../../../main/engine/tensor.ts';

/** A model whose head is one trained matrix. */
export interface TinyModel {
  /** (outputs x width) */
  readonly weight: Tensor;
  /** Declares the model's inputs and makes hidden states (rows x width) of them. */
  readonly hidden: (g: GraphBuilder) => Value;
}

export interface StepOfLoss {
  /** Of the step: scaled, summed over its batches. */
  readonly loss: number;
  /** By the head's weight. */
  readonly gradient: Float32Array;
  /** What each batch adds to an evaluation, summed. */
  readonly sums: Readonly<Record<string, number>>;
}

/** Builds an objective's loss graph on a tiny model, runs a step's batches through it, and adds them up as the objective has it. */
export const runLoss = async (
  objective: BatchObjective,
  { weight, hidden }: TinyModel,
  batches: readonly Batch[],
): Promise<StepOfLoss> => {
  const size = { labels: Math.max(...batches.map(({ scored }) => scored)), outputs: weight.shape[0]! };
  const g = createGraphBuilder();
  const trained = g.input('weight', 'float32', weight.shape);
  const logits = (rows: Value): Value => g.matmul(rows, trained, { transposeB: true });
  const forward = { hidden: hidden(g), head: { frozen: false, logits } };
  const { loss, outputs } = objective.loss(g, forward, { ...size, gradient: true });
  const scaled = g.multiply(loss, g.input('loss_scale', 'float32', []));
  const [gradient] = differentiate(g, scaled, [trained]);
  const graph = g.build({ ...outputs, gradient: gradient!, loss, scaled });
  const session = await createSession(graph, { threads: 1 });
  const scales = objective.scales(batches);
  const takes = new Set(graph.inputs.map(({ name }) => name));
  const sums: Record<string, number> = {};
  const total = new Float32Array(weight.data.length);
  let ofStep = 0;
  for (const [index, batch] of batches.entries()) {
    const feeds = Object.entries(objective.feeds(batch, size)).filter(([name]) => takes.has(name));
    const given = Object.fromEntries(feeds);
    const results = await session.run({
      ...given,
      weight,
      loss_scale: { shape: [], data: Float32Array.of(scales[index]!) },
    });
    for (const [name, value] of Object.entries(objective.measure({ batch, feeds: given, outputs: results })))
      sums[name] = (sums[name] ?? 0) + value;
    (results['gradient']!.data as Float32Array).forEach((value, at) => (total[at]! += value));
    ofStep += Number(results['scaled']!.data[0]);
  }
  await session.release();
  return { loss: ofStep, gradient: total, sums };
};
