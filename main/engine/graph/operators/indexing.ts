import { sameShape } from '../dimension.ts';
import type { IndexingSignatures } from '../signatures.ts';
import type { OperatorEntries } from './entry.ts';
import { axisOf, requireFit, requireType } from './type-checks.ts';

const indexed = { attributes: [], outputs: ['y'], flops: 'none', memory: {} } as const;

export const indexing: OperatorEntries<IndexingSignatures> = {
  gatherRows: {
    ...indexed,
    inputs: ['table', 'indices'],
    types: ({ table, indices }) => {
      requireType('int64', indices);
      return { dataType: table.dataType, shape: [...indices.shape, ...table.shape.slice(1)] };
    },
    gradient: ({ g, inputs: { table, indices }, gradient }) => ({
      table: g.scatterRows(indices, gradient, axisOf(table, 0)),
      indices: undefined,
    }),
  },
  scatterRows: {
    ...indexed,
    inputs: ['indices', 'updates'],
    attributes: ['rows'],
    types: ({ indices, updates }, { rows }) => {
      requireType('int64', indices);
      requireFit(sameShape(updates.shape.slice(0, -1), indices.shape), indices, updates);
      return { dataType: updates.dataType, shape: [rows, axisOf(updates, -1)] };
    },
    gradient: ({ g, inputs: { indices }, gradient }) => ({
      indices: undefined,
      updates: g.gatherRows(gradient, indices),
    }),
  },
  gatherElements: {
    ...indexed,
    inputs: ['data', 'indices'],
    types: ({ data, indices }) => {
      requireType('int64', indices);
      return { dataType: data.dataType, shape: indices.shape };
    },
    gradient: ({ g, inputs: { data, indices }, gradient }) => ({
      data: g.scatterElements(g.expand(0, data.shape), indices, gradient),
      indices: undefined,
    }),
  },
  scatterElements: {
    ...indexed,
    inputs: ['data', 'indices', 'updates'],
    types: ({ data, indices, updates }) => {
      requireType('int64', indices);
      requireFit(sameShape(indices.shape, updates.shape), indices, updates);
      return { dataType: data.dataType, shape: data.shape };
    },
    gradient: ({ g, inputs: { indices }, gradient }) => ({
      data: gradient,
      indices: undefined,
      updates: g.gatherElements(gradient, indices),
    }),
    memory: { inPlace: ['data'] },
  },
};
