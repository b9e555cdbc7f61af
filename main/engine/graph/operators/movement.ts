import {
  broadcastShapes,
  difference,
  product,
  sameShape,
  sum,
  type Dimension,
  type Shape,
} from '../dimension.ts';
import type { Value } from '../graph.ts';
import type { MovementSignatures } from '../signatures.ts';
import type { OperatorEntries } from './entry.ts';
import { axisOf, describe } from './type-checks.ts';

/** The shape with another extent along the axis. */
const along = (shape: Shape, axis: number, extent: Dimension): Shape =>
  shape.map((dimension, at) => (at === axis ? extent : dimension));

const moved = { inputs: ['x'], outputs: ['y'], flops: 'none', memory: {} } as const;

export const movement: OperatorEntries<MovementSignatures> = {
  reshape: {
    ...moved,
    attributes: ['shape'],
    types: ({ x }, { shape }) => {
      if (product(x.shape) !== product(shape))
        throw new Error(`[${x.shape.join(', ')}] has not as many elements as [${shape.join(', ')}]`);
      return { dataType: x.dataType, shape };
    },
    gradient: ({ g, inputs: { x }, gradient }) => ({ x: g.reshape(gradient, x.shape) }),
    memory: { alias: 'x' },
  },
  expand: {
    ...moved,
    attributes: ['shape'],
    types: ({ x }, { shape }) => {
      const expanded = broadcastShapes(x.shape, shape);
      if (!expanded || !sameShape(expanded, shape))
        throw new Error(`[${x.shape.join(', ')}] does not expand to [${shape.join(', ')}]`);
      return { dataType: x.dataType, shape };
    },
    gradient: ({ gradient }) => ({ x: gradient }),
  },
  transpose: {
    ...moved,
    attributes: ['permutation'],
    types: ({ x }, { permutation }) => {
      if (permutation.length !== x.shape.length || new Set(permutation).size !== permutation.length)
        throw new Error(
          `(${permutation.join(', ')}) is no permutation of the axes of [${x.shape.join(', ')}]`,
        );
      return { dataType: x.dataType, shape: permutation.map((axis) => axisOf(x, axis)) };
    },
    gradient: ({ g, attributes: { permutation }, gradient }) => ({
      x: g.transpose(
        gradient,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
    }),
  },
  slice: {
    ...moved,
    attributes: ['axis', 'start', 'end'],
    types: ({ x }, { axis, start, end }) => {
      const extent = difference(end, start);
      const isPart = [difference(start, 0), extent, difference(axisOf(x, axis), end)].every(
        (part) => part !== undefined,
      );
      if (!isPart) throw new Error(`${start}..${end} is no part of axis ${axis} of [${x.shape.join(', ')}]`);
      return { dataType: x.dataType, shape: along(x.shape, axis, extent as Dimension) };
    },
    // Zeros before and after the part.
    gradient: ({ g, inputs: { x }, attributes: { axis, start, end }, gradient }) => {
      const zeros = (extent: Dimension): Value[] =>
        extent === 0 ? [] : [g.expand(0, along(x.shape, axis, extent))];
      const after = difference(axisOf(x, axis), end) as Dimension;
      return { x: g.concatenate([...zeros(start), gradient, ...zeros(after)], axis) };
    },
  },
  concatenate: {
    inputs: ['...values'],
    attributes: ['axis'],
    outputs: ['y'],
    types: ({ values }, { axis }) => {
      const [first] = values;
      if (!first) throw new Error('takes at least one input');
      const fits = values.every(
        (value) =>
          value.dataType === first.dataType &&
          sameShape(along(value.shape, axis, 0), along(first.shape, axis, 0)),
      );
      if (!fits) throw new Error(`${describe(...values)} do not join along axis ${axis}`);
      const extent = sum(values.map((value) => axisOf(value, axis)));
      return { dataType: first.dataType, shape: along(first.shape, axis, extent) };
    },
    gradient: ({ g, inputs: { values }, attributes: { axis }, gradient }) => {
      let start: Dimension = 0;
      const parts = values.map((value) => {
        const end = sum([start, axisOf(value, axis)]);
        const part = g.slice(gradient, axis, start, end);
        start = end;
        return part;
      });
      return { values: parts };
    },
    flops: 'none',
    memory: {},
  },
};
