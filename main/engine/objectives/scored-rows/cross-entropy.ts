import { differentiate } from '../../autodiff/differentiate.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import { lossAndSlope, smoothed } from '../../graph/cross-entropy.ts';
import type { Value } from '../../graph/graph.ts';
import type { ForwardResult, OutputHead } from '../../models/architecture.ts';
import type { LossOptions } from '../objective.ts';
import { labelChunks, labelInputs } from './label-chunks.ts';

/** Losses of rows (n x width) by a frozen table of scores, with their slopes taken at once. */
const lossesByTable = (
  g: GraphBuilder,
  { weight, softcap, rounded }: NonNullable<OutputHead['scores']>,
  [rows, targets]: [Value, Value],
  smoothing: number,
): Value => {
  const { losses, slope } = g.within('lm_head', () =>
    g.apply('linearCrossEntropy', { rows, weight, targets }, { softcap, smoothing, rounded }),
  );
  g.mark(slope, 'always');
  return g.mark(losses, 'always');
};

/**
 * Cross entropy summed over the scored rows; by name, without a gradient, the logits of each chunk of them and each row's loss. The head
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
    const target = g.input(targets, 'int64', [extent]);
    if (gradient && head.scores) {
      const losses = lossesByTable(g, head.scores, [selected, target], labelSmoothing);
      before = losses;
      return g.sum(losses, [0]);
    }
    const logits = head.logits(selected);
    allLogits[name] = logits;
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
