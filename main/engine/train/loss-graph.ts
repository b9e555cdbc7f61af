import { differentiate } from '../autodiff/differentiate.ts';
import { createGraphBuilder, type GraphBuilder } from '../graph/builder.ts';
import { product } from '../graph/dimension.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { ForwardResult } from '../models/architecture.ts';
import { joinParameters, type ParameterLayout } from '../optim/parameter-layout.ts';
import { buildTrainedForward, type TrainedModel } from './trained-model.ts';

/** What a loss graph must know of its batches. */
export interface BatchLimits {
  /** Position ids stay below this. */
  readonly positions: number;
  /** Labelled tokens of a batch at most. */
  readonly labels: number;
}

/** Logits in memory at a time, at most about so many numbers. */
const logitsAtATime = 2 ** 23;

/**
 * Cross entropy summed over the labelled rows. The head is computed at those rows only, in chunks: logits over a large vocabulary
 * dwarf everything else. A head that is trained takes the long way, which has a gradient for it.
 */
const summedLoss = (
  g: GraphBuilder,
  { hidden, head, trained }: ForwardResult & { trained: readonly Value[] },
  { labels, gradient }: { labels: number; gradient: boolean },
): Value => {
  const [batch, sequence, width] = hidden.shape as [string, string, number];
  const rows = g.input('label_rows', 'int64', ['labels']);
  const targets = g.input('label_targets', 'int64', ['labels']);
  const selected = g.gatherRows(g.reshape(hidden, [product([batch, sequence]), width]), rows);
  const chunk = Math.max(16, Math.floor(logitsAtATime / Number(head.shape[0])));
  const losses =
    gradient && trained.includes(head)
      ? g.crossEntropy(g.matmul(selected, head, { transposeB: true }), targets)
      : g.linearCrossEntropy(selected, head, targets, { gradient, chunk, rows: labels });
  return g.mark(g.sum(g.mark(losses, 'boundary'), [0]), 'boundary');
};

/** Inputs: the token inputs, label_rows, label_targets, parameters. Output: loss (1), the sum over the labelled tokens. */
export const evaluationGraph = (
  trained: TrainedModel,
  layout: ParameterLayout,
  { positions, labels }: BatchLimits,
): Graph => {
  const g = createGraphBuilder();
  const forward = buildTrainedForward(g, trained, layout, positions);
  return g.build({ loss: summedLoss(g, forward, { labels, gradient: false }) });
};

export interface GradientOptions extends BatchLimits {
  /** The graph takes an input `accumulated` and adds it to the gradient. */
  readonly accumulate: boolean;
  readonly memory: MemoryMode;
}

/**
 * What stays in memory for the backward pass. 'fast' keeps what a matrix product made and computes the rest again, which costs
 * little; 'low' keeps the borders of layers only, and computes each layer a second time.
 */
export type MemoryMode = 'fast' | 'low';

const keptBy =
  ({ costs }: GraphBuilder, memory: MemoryMode) =>
  (value: Value): boolean => {
    const cost = costs.get(value);
    return cost === 'boundary' || (cost === 'costly' && memory === 'fast');
  };

/**
 * Inputs as for evaluation, and loss_scale: a scalar that the summed loss is multiplied by (one over the labelled tokens of all
 * micro-batches of a step). Outputs: loss (1), scaled, and gradient, flat in the order of the layout.
 */
export const gradientGraph = (
  trained: TrainedModel,
  layout: ParameterLayout,
  { positions, labels, accumulate, memory }: GradientOptions,
): Graph => {
  const g = createGraphBuilder();
  const forward = buildTrainedForward(g, trained, layout, positions);
  const loss = g.multiply(
    summedLoss(g, forward, { labels, gradient: true }),
    g.input('loss_scale', 'float32', []),
  );
  const gradients = differentiate(g, loss, forward.trained, keptBy(g, memory)).map(
    (gradient, index) => gradient ?? g.expand(0, layout.slots[index]?.shape ?? []),
  );
  const gradient = joinParameters(g, layout, gradients);
  return g.build({
    loss,
    gradient: accumulate ? g.add(gradient, g.input('accumulated', 'float32', [layout.total])) : gradient,
  });
};

/** Inputs: the token inputs and parameters. Output: logits (batch x sequence x vocabulary) at every position. */
export const logitsGraph = (trained: TrainedModel, layout: ParameterLayout, positions: number): Graph => {
  const g = createGraphBuilder();
  const { hidden, head } = buildTrainedForward(g, trained, layout, positions);
  return g.build({ logits: g.matmul(hidden, head, { transposeB: true }) });
};
