import type { LossSignatures } from '../../graph/signatures.ts';
import type { LoweringRules } from '../rule.ts';

export const loss: LoweringRules<Pick<LossSignatures, 'crossEntropy'>> = {
  crossEntropy: ({ emit, inputs: { logits, targets }, values, integers }) => {
    const logProbabilities = emit('LogSoftmax', [logits], { axis: -1n });
    const axis = integers([values.inputs.targets.shape.length]);
    const column = emit('Unsqueeze', [targets, axis]);
    const picked = emit('GatherElements', [logProbabilities, column], { axis: 1n });
    return { losses: emit('Neg', [emit('Squeeze', [picked, axis])]), logProbabilities };
  },
};
