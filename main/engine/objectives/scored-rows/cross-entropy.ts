import { differentiate } from '../../autodiff/differentiate.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import type { ForwardResult } from '../../models/architecture.ts';
import type { LossOptions } from '../objective.ts';
import { labelChunks, labelInputs } from './label-chunks.ts';

/**
 * Cross entropy with a share of the target spread evenly over all K classes: (1 - smoothing) nll + smoothing mean_k(-log p_k), as
 * torch has it. With -log p_k = nll + logit_target - logit_k that is nll + smoothing (logit_target - mean_k logit_k).
 */
const smoothed = (
  g: GraphBuilder,
  losses: Value,
  [logits, targets]: [Value, Value],
  smoothing: number,
): Value => {
  if (smoothing === 0) return losses;
  const ofTarget = g.gatherElements(logits, g.reshape(targets, [...targets.shape, 1]));
  const above = g.subtract(ofTarget, g.mean(logits, [-1]));
  return g.add(losses, g.multiply(g.reshape(above, targets.shape), smoothing));
};

/** Per row the loss, and its derivative by the row's logits: p - (1 - smoothing) onehot(target) - smoothing / K. */
const lossAndSlope = (g: GraphBuilder, logits: Value, targets: Value, smoothing: number): [Value, Value] => {
  const { losses, logProbabilities } = g.apply('crossEntropy', { logits, targets }, {});
  const column = [...targets.shape, 1];
  const probabilities = g.exponential(logProbabilities);
  const spread = smoothing / (logits.shape.at(-1) as number);
  return [
    smoothed(g, losses, [logits, targets], smoothing),
    g.scatterElements(
      smoothing === 0 ? probabilities : g.subtract(probabilities, spread),
      g.reshape(targets, column),
      g.expand(smoothing - 1, column),
    ),
  ];
};

/**
 * Cross entropy summed over the scored rows; by name the logits of each chunk of them and, without a gradient, each row's loss. The head
 * is computed at those rows only, and a chunk of them at a time, each differentiated at once: logits over a large vocabulary dwarf
 * everything else. A head that is trained takes the long way, which has a gradient for it.
 */
export const summedCrossEntropy = (
  g: GraphBuilder,
  { hidden, head }: ForwardResult,
  { labels, outputs, gradient, labelSmoothing = 0 }: LossOptions,
): { loss: Value; logits: Record<string, Value>; losses: Record<string, Value> } => {
  let before: Value | undefined;
  const allLogits: Record<string, Value> = {};
  const allLosses: Record<string, Value> = {};
  const { count } = labelChunks(labels, outputs);
  const sums = Array.from({ length: count }, (_, chunk) => {
    const { rows, targets, extent, logits: name, losses: ofRows } = labelInputs(chunk);
    const picked = g.gatherRows(hidden, g.input(rows, 'int64', [extent]));
    const selected = before ? g.after(picked, [before]) : picked;
    const logits = head.logits(selected);
    allLogits[name] = logits;
    const target = g.input(targets, 'int64', [extent]);
    if (!gradient || !head.frozen) {
      const plain = g.crossEntropy(logits, target);
      const losses = g.mark(smoothed(g, plain, [logits, target], labelSmoothing), 'always');
      before = losses;
      allLosses[ofRows] = losses;
      return g.sum(losses, [0]);
    }
    const [losses, byLogits] = lossAndSlope(g, logits, target, labelSmoothing);
    const [slope] = differentiate(g, logits, [selected], { seed: byLogits }) as [Value];
    before = g.mark(slope, 'always');
    return g.sum(g.mark(g.knownGradient(g.mark(losses, 'always'), selected, slope), 'always'), [0]);
  });
  return { loss: sums.reduce((a, b) => g.mark(g.add(a, b), 'always')), logits: allLogits, losses: allLosses };
};
