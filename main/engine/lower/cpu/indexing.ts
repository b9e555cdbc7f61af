import type { Dimension } from '../../graph/dimension.ts';
import type { IndexingSignatures } from '../../graph/signatures.ts';
import type { LoweringRules } from '../rule.ts';

export const indexing: LoweringRules<IndexingSignatures> = {
  gatherRows: ({ emit, inputs: { table, indices } }) => emit('Gather', [table, indices], { axis: 0n }),
  scatterRows: ({ emit, inputs: { indices, updates }, attributes: { rows }, values, extents, integers }) => {
    const width = values.inputs.updates.shape.at(-1) as Dimension;
    const zeros = emit('ConstantOfShape', [extents([rows, width])], {
      value: { tensor: Float32Array.of(0) },
    });
    const column = emit('Unsqueeze', [indices, integers([values.inputs.indices.shape.length])]);
    return emit('ScatterND', [zeros, column, updates], { reduction: 'add' });
  },
  gatherElements: ({ emit, inputs: { data, indices } }) =>
    emit('GatherElements', [data, indices], { axis: 1n }),
  scatterElements: ({ emit, inputs: { data, indices, updates } }) =>
    emit('ScatterElements', [data, indices, updates], { axis: 1n, reduction: 'add' }),
};
