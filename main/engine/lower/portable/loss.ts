import type { LossSignatures } from '../../graph/signatures.ts';
import type { LoweringRules } from '../rule.ts';
import { axisOf } from '../../graph/operators/type-checks.ts';
import { oneHot } from './one-hot.ts';

export const loss: LoweringRules<Pick<LossSignatures, 'crossEntropy'>> = {
  crossEntropy: (context) => {
    const {
      emit,
      inputs: { logits, targets },
      values,
      integers,
      number,
    } = context;
    const axes = integers([-1]);
    const shifted = emit('Sub', [logits, emit('ReduceMax', [logits, axes], { keepdims: 1n })]);
    const total = emit('ReduceSum', [emit('Exp', [shifted]), axes], { keepdims: 1n });
    const logProbabilities = emit('Sub', [shifted, emit('Log', [total])]);
    const column = emit('Unsqueeze', [targets, integers([1])]);
    const hot = oneHot(context, axisOf(values.inputs.logits, 1), column);
    const picked = emit('Where', [hot, logProbabilities, number(0)]);
    const losses = emit('Neg', [emit('ReduceSum', [picked, axes], { keepdims: 0n })]);
    return { losses, logProbabilities };
  },
};
