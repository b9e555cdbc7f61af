import type { IndexingSignatures } from '../../graph/signatures.ts';
import { indexing as cpu } from '../cpu/indexing.ts';
import type { LoweringRules } from '../rule.ts';
import { axisOf } from '../../graph/operators/type-checks.ts';
import { oneHot } from './one-hot.ts';

export const indexing: LoweringRules<IndexingSignatures> = {
  gatherRows: cpu.gatherRows,
  scatterRows: ({
    emit,
    inputs: { indices, updates },
    attributes: { rows: count },
    values,
    number,
    extents,
    integers,
  }) => {
    const width = Number(values.inputs.updates.shape.at(-1));
    const zeros = emit('Expand', [number(0), extents([count, width])]);
    const rows = emit('Reshape', [indices, integers([-1, 1])]);
    const flat = emit('Reshape', [updates, integers([-1, width])]);
    const wide = emit('Expand', [rows, integers([1, width])]);
    return emit('ScatterElements', [zeros, wide, flat], { axis: 0n, reduction: 'add' });
  },
  gatherElements: (context) => {
    const { emit, inputs, values, number, integers } = context;
    const hot = oneHot(context, axisOf(values.inputs.data, 1), inputs.indices);
    const picked = emit('Where', [hot, inputs.data, number(0)]);
    return emit('ReduceSum', [picked, integers([1])], { keepdims: 1n });
  },
  scatterElements: (context) => {
    const { emit, inputs, values, number } = context;
    const hot = oneHot(context, axisOf(values.inputs.data, 1), inputs.indices);
    return emit('Add', [inputs.data, emit('Where', [hot, inputs.updates, number(0)])]);
  },
};
