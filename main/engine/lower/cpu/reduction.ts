import type { ReductionSignatures } from '../../graph/signatures.ts';
import { typeNumber } from '../onnx-model.ts';
import type { LoweringRule, LoweringRules } from '../rule.ts';

const alongAxes =
  (type: string): LoweringRule<'sum'> =>
  ({ emit, inputs: { x }, attributes: { axes }, integers }) =>
    emit(type, [x, integers(axes)], { keepdims: 1n });

export const reduction: LoweringRules<ReductionSignatures> = {
  sum: alongAxes('ReduceSum'),
  mean: alongAxes('ReduceMean'),
  maximum: alongAxes('ReduceMax'),
  secondMoment: ({ emit, inputs: { x } }) => {
    const wide = emit('Cast', [x], { to: typeNumber('float64') });
    return emit('MatMul', [emit('Transpose', [wide], { perm: [1n, 0n] }), wide]);
  },
};
