import { lossAndSlope } from '../../graph/cross-entropy.ts';
import type { Composition } from '../composed.ts';

export const linearCrossEntropy: Composition<'linearCrossEntropy'> = (
  g,
  { rows, weight, targets },
  { softcap, smoothing },
) => {
  const table = g.cast(weight, 'float32');
  const scores = g.matmul(rows, table, { transposeB: true });
  if (softcap === null) {
    const [losses, byLogits] = lossAndSlope(g, scores, targets, smoothing);
    return { losses, slope: g.matmul(byLogits, table) };
  }
  const bent = g.tanh(g.multiply(scores, 1 / softcap));
  const [losses, byLogits] = lossAndSlope(g, g.multiply(bent, softcap), targets, smoothing);
  const ofCap = g.subtract(1, g.multiply(bent, bent));
  return { losses, slope: g.matmul(g.multiply(byLogits, ofCap), table) };
};
