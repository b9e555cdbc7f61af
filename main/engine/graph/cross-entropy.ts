import type { GraphBuilder } from './builder.ts';
import type { Value } from './graph.ts';

/**
 * Cross entropy with a share of the target spread evenly over all K classes: (1 - smoothing) nll + smoothing mean_k(-log p_k), as
 * torch has it. With -log p_k = nll + logit_target - logit_k that is nll + smoothing (logit_target - mean_k logit_k).
 *
 * @param losses nll of each row (n)
 */
export const smoothed = (
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
export const lossAndSlope = (
  g: GraphBuilder,
  logits: Value,
  targets: Value,
  smoothing: number,
): [Value, Value] => {
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
