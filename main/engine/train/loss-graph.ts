import { differentiate } from '../autodiff/differentiate.ts';
import { createGraphBuilder, type GraphBuilder } from '../graph/builder.ts';
import { product } from '../graph/dimension.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { ForwardResult } from '../models/architecture.ts';
import { joinParameters, type ParameterLayout } from '../optim/parameter-layout.ts';
import { buildTrainedForward, type TrainedModel } from './trained-model.ts';

/** Cross entropy summed over the labelled rows. The head is computed at those rows only: logits dwarf everything else. */
const summedLoss = (g: GraphBuilder, { hidden, head }: ForwardResult): Value => {
  const [batch, sequence, width] = hidden.shape as [string, string, number];
  const rows = g.input('label_rows', 'int64', ['labels']);
  const targets = g.input('label_targets', 'int64', ['labels']);
  const selected = g.gatherRows(g.reshape(hidden, [product([batch, sequence]), width]), rows);
  return g.sum(g.crossEntropy(head.product(selected), targets), [0]);
};

/** Inputs: the token inputs, label_rows, label_targets, parameters. Output: loss (1), the sum over the labelled tokens. */
export const evaluationGraph = (trained: TrainedModel, layout: ParameterLayout, positions: number): Graph => {
  const g = createGraphBuilder();
  return g.build({ loss: summedLoss(g, buildTrainedForward(g, trained, layout, positions)) });
};

export interface GradientOptions {
  readonly positions: number;
  /** The graph takes an input `accumulated` and adds it to the gradient. */
  readonly accumulate: boolean;
}

/**
 * Inputs as for evaluation, and loss_scale: a scalar that the summed loss is multiplied by (one over the labelled tokens of all
 * micro-batches of a step). Outputs: loss (1), scaled, and gradient, flat in the order of the layout.
 */
export const gradientGraph = (
  trained: TrainedModel,
  layout: ParameterLayout,
  { positions, accumulate }: GradientOptions,
): Graph => {
  const g = createGraphBuilder();
  const forward = buildTrainedForward(g, trained, layout, positions);
  const loss = g.multiply(summedLoss(g, forward), g.input('loss_scale', 'float32', []));
  const gradients = differentiate(g, loss, forward.trained).map(
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
  return g.build({ logits: head.product(hidden) });
};
