import { sameShape } from '../dimension.ts';
import type { LossSignatures } from '../signatures.ts';
import type { OperatorEntries } from './entry.ts';
import { float32, requireFit, requireType } from './type-checks.ts';

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
};
