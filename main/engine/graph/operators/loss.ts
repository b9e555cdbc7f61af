import { product, sameShape } from '../dimension.ts';
import type { LossSignatures } from '../signatures.ts';
import type { OperatorEntries, TensorType } from './entry.ts';
import { axisOf, float32, requireFit, requireMatrices, requireType } from './type-checks.ts';

export const loss: OperatorEntries<LossSignatures> = {
  crossEntropy: {
    inputs: ['logits', 'targets'],
    attributes: [],
    outputs: ['losses', 'logProbabilities'],
    types: ({ logits, targets }) => {
      requireType('float32', logits);
      requireType('int64', targets);
      const fits = logits.shape.length === 2 && sameShape(targets.shape, logits.shape.slice(0, 1));
      requireFit(fits, logits, targets);
      return { losses: float32(targets.shape), logProbabilities: float32(logits.shape) };
    },
    // Row by row (softmax(logits) - one-hot(target)) times the row's gradient.
    gradient: ({ g, inputs: { targets }, outputs: { logProbabilities }, gradient }) => {
      const column = [...gradient.shape, 1];
      const perRow = g.reshape(gradient, column);
      const probabilities = g.multiply(g.exponential(logProbabilities), perRow);
      return {
        logits: g.scatterElements(probabilities, g.reshape(targets, column), g.negate(perRow)),
        targets: undefined,
      };
    },
    flops: 'none',
    memory: {},
  },
  linearCrossEntropy: {
    inputs: ['rows', 'weight', 'targets'],
    attributes: ['softcap', 'smoothing', 'rounded'],
    outputs: ['losses', 'slope'],
    types: ({ rows, weight, targets }) => {
      requireType('float32', rows);
      if (weight.dataType !== 'bfloat16') requireType('float32', weight);
      requireType('int64', targets);
      requireMatrices(rows, weight);
      const fits = axisOf(rows, 1) === axisOf(weight, 1) && sameShape(targets.shape, rows.shape.slice(0, 1));
      requireFit(fits, rows, weight, targets);
      return { losses: float32(targets.shape), slope: float32(rows.shape) };
    },
    gradient: ({ g, outputs: { slope }, gradient }) => ({
      rows: g.multiply(slope, g.reshape(gradient, [...gradient.shape, 1])),
      weight: undefined,
      targets: undefined,
    }),
    flops: ({ inputs: { rows, weight } }, extent) =>
      4 * extent(axisOf(rows, 0)) * extent(product(weight.shape)),
    // The logits and what is made of them, one of another; with a cap what was bent stays, with smoothing the logits. Both products read a
    // table that is made wide.
    memory: {
      workspace: ({ inputs: { rows, weight }, attributes: { softcap, smoothing } }) => {
        const count = 2 + (softcap === null ? 0 : 1) + (smoothing === 0 ? 0 : 1);
        const logits = Array<TensorType>(count).fill(float32([axisOf(rows, 0), axisOf(weight, 0)]));
        return weight.dataType === 'float32' ? logits : [...logits, float32(weight.shape)];
      },
    },
  },
};
