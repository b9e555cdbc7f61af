import { broadcastShapes, product, resolveAxis, sameShape, type Dimension, type Shape } from './dimension.ts';
import type { DataType, Value } from './graph.ts';
import type { OperatorAttributes, OperatorName } from './operators.ts';

export interface TensorType {
  readonly dataType: DataType;
  readonly shape: Shape;
}

/** From the inputs to the types of the outputs. Throws a plain Error on a misuse: that is a defect of the caller. */
type ShapeRule<O extends OperatorName> = (
  inputs: readonly Value[],
  attributes: OperatorAttributes[O],
) => TensorType[];

const describe = (values: readonly Value[]): string =>
  values.map(({ dataType, shape }) => `${dataType}[${shape.join(', ')}]`).join(' and ');

const take = (inputs: readonly Value[], count: number): Value[] => {
  if (inputs.length !== count) throw new Error(`takes ${count} inputs, has ${inputs.length}`);
  return [...inputs];
};

const broadcast = (...values: Value[]): Shape =>
  values
    .map(({ shape }) => shape)
    .reduce((a, b) => {
      const shape = broadcastShapes(a, b);
      if (!shape) throw new Error(`${describe(values)} do not broadcast`);
      return shape;
    });

const requireType = (dataType: DataType, ...values: Value[]): void => {
  for (const value of values)
    if (value.dataType !== dataType) throw new Error(`needs ${dataType}, has ${describe([value])}`);
};

const elementwise =
  (count: number) =>
  (inputs: readonly Value[]): TensorType[] => {
    const values = take(inputs, count);
    requireType('float32', ...values);
    return [{ dataType: 'float32', shape: broadcast(...values) }];
  };

const comparison = (inputs: readonly Value[]): TensorType[] => {
  const [a, b] = take(inputs, 2) as [Value, Value];
  requireType(a.dataType, b);
  return [{ dataType: 'bool', shape: broadcast(a, b) }];
};

const reduction = (inputs: readonly Value[], { axes }: { axes: readonly number[] }): TensorType[] => {
  const [x] = take(inputs, 1) as [Value];
  requireType('float32', x);
  const reduced = new Set(axes.map((axis) => resolveAxis(axis, x.shape.length)));
  return [
    { dataType: 'float32', shape: x.shape.map((dimension, axis) => (reduced.has(axis) ? 1 : dimension)) },
  ];
};

const drawn = (inputs: readonly Value[]): TensorType[] => {
  const [factors, shifts, columns] = take(inputs, 3) as [Value, Value, Value];
  requireType('int64', factors, shifts, columns);
  const isColumn = factors.shape.length === 2 && factors.shape[1] === 1;
  if (!isColumn || !sameShape(factors.shape, shifts.shape) || columns.shape.length !== 1)
    throw new Error(`needs (n x 1), (n x 1) and (m), has ${describe(inputs)}`);
  return [{ dataType: 'float32', shape: [factors.shape[0] as Dimension, columns.shape[0] as Dimension] }];
};

const last = (shape: Shape, fromEnd = 1): Dimension => {
  const dimension = shape[shape.length - fromEnd];
  if (dimension === undefined) throw new Error(`needs at least ${fromEnd} axes, has [${shape.join(', ')}]`);
  return dimension;
};

const requireAttention = (q: Value, k: Value, v: Value, bias: Value): void => {
  requireType('float32', q, k, v, bias);
  const [batch, heads, sequence, width] = q.shape;
  const [keyBatch, keyValueHeads, ...rest] = k.shape;
  const fits =
    q.shape.length === 4 &&
    batch === keyBatch &&
    Number(heads) % Number(keyValueHeads) === 0 &&
    sameShape(rest, [sequence as Dimension, width as Dimension]) &&
    sameShape(k.shape, v.shape) &&
    sameShape(bias.shape, [batch as Dimension, 1, sequence as Dimension, sequence as Dimension]);
  if (!fits) throw new Error(`${describe([q, k, v, bias])} do not belong together`);
};

const requireMatrices = (...values: Value[]): void => {
  if (values.some(({ shape }) => shape.length !== 2))
    throw new Error(`needs matrices, has ${describe(values)}`);
};

type Operands = [Value, Value, Value, Value, Value, Value, Value];

export const shapeRules: { readonly [O in OperatorName]: ShapeRule<O> } = {
  add: elementwise(2),
  subtract: elementwise(2),
  multiply: elementwise(2),
  divide: elementwise(2),
  minimum: elementwise(2),
  equal: comparison,
  lessOrEqual: comparison,
  and: (inputs) => {
    const [a, b] = take(inputs, 2) as [Value, Value];
    requireType('bool', a, b);
    return [{ dataType: 'bool', shape: broadcast(a, b) }];
  },
  select: (inputs) => {
    const [condition, whenTrue, whenFalse] = take(inputs, 3) as [Value, Value, Value];
    requireType('bool', condition);
    requireType('float32', whenTrue, whenFalse);
    return [{ dataType: 'float32', shape: broadcast(condition, whenTrue, whenFalse) }];
  },
  negate: elementwise(1),
  absolute: elementwise(1),
  exponential: elementwise(1),
  squareRoot: elementwise(1),
  sigmoid: elementwise(1),
  tanh: elementwise(1),
  erf: elementwise(1),
  silu: elementwise(1),
  gelu: elementwise(1),
  cast: (inputs, { to }) => {
    const [x] = take(inputs, 1) as [Value];
    return [{ dataType: to, shape: x.shape }];
  },
  detach: (inputs) => {
    const [x] = take(inputs, 1) as [Value];
    return [{ dataType: x.dataType, shape: x.shape }];
  },
  sum: reduction,
  mean: reduction,
  maximum: reduction,
  secondMoment: (inputs) => {
    const [x] = take(inputs, 1) as [Value];
    requireType('float32', x);
    requireMatrices(x);
    return [{ dataType: 'float64', shape: [last(x.shape), last(x.shape)] }];
  },
  uniform: drawn,
  bernoulli: drawn,
  reshape: (inputs, { shape }) => {
    const [x] = take(inputs, 1) as [Value];
    if (product(x.shape) !== product(shape))
      throw new Error(`[${x.shape.join(', ')}] has not as many elements as [${shape.join(', ')}]`);
    return [{ dataType: x.dataType, shape }];
  },
  expand: (inputs, { shape }) => {
    const [x] = take(inputs, 1) as [Value];
    const expanded = broadcastShapes(x.shape, shape);
    if (!expanded || !sameShape(expanded, shape))
      throw new Error(`[${x.shape.join(', ')}] does not expand to [${shape.join(', ')}]`);
    return [{ dataType: x.dataType, shape }];
  },
  transpose: (inputs, { permutation }) => {
    const [x] = take(inputs, 1) as [Value];
    if (permutation.length !== x.shape.length || new Set(permutation).size !== permutation.length)
      throw new Error(`(${permutation.join(', ')}) is no permutation of the axes of [${x.shape.join(', ')}]`);
    return [{ dataType: x.dataType, shape: permutation.map((axis) => x.shape[axis] as Dimension) }];
  },
  slice: (inputs, { axis, start, end }) => {
    const [x] = take(inputs, 1) as [Value];
    const extent = x.shape[axis];
    if (typeof extent !== 'number' || start < 0 || start > end || end > extent)
      throw new Error(`${start}..${end} is no part of axis ${axis} of [${x.shape.join(', ')}]`);
    return [
      {
        dataType: x.dataType,
        shape: x.shape.map((dimension, at) => (at === axis ? end - start : dimension)),
      },
    ];
  },
  concatenate: (inputs, { axis }) => {
    const [first] = inputs;
    if (!first) throw new Error('takes at least one input');
    const without = (shape: Shape): Shape => shape.filter((_, at) => at !== axis);
    let extent = 0;
    for (const { dataType, shape } of inputs) {
      const own = shape[axis];
      if (
        typeof own !== 'number' ||
        dataType !== first.dataType ||
        !sameShape(without(shape), without(first.shape))
      )
        throw new Error(`${describe(inputs)} do not join along axis ${axis}`);
      extent += own;
    }
    return [
      {
        dataType: first.dataType,
        shape: first.shape.map((dimension, at) => (at === axis ? extent : dimension)),
      },
    ];
  },
  after: (inputs) => {
    const [x, ...awaited] = inputs;
    if (!x || awaited.length === 0) throw new Error('takes a value and at least one to wait for');
    return [{ dataType: x.dataType, shape: x.shape }];
  },
  matmul: (inputs, { transposeA, transposeB }) => {
    const [a, b] = take(inputs, 2) as [Value, Value];
    requireType('float32', a, b);
    const [rows, innerA] = transposeA ? [last(a.shape), last(a.shape, 2)] : [last(a.shape, 2), last(a.shape)];
    const [innerB, columns] = transposeB
      ? [last(b.shape), last(b.shape, 2)]
      : [last(b.shape, 2), last(b.shape)];
    const leading = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    if (innerA !== innerB || !leading)
      throw new Error(`${describe(inputs)} do not multiply (transposed: ${transposeA}, ${transposeB})`);
    return [{ dataType: 'float32', shape: [...leading, rows, columns] }];
  },
  quantizeRows: (inputs) => {
    const [x] = take(inputs, 1) as [Value];
    requireType('float32', x);
    requireMatrices(x);
    return [
      { dataType: 'uint8', shape: x.shape },
      { dataType: 'float32', shape: [x.shape[0] as Dimension, 1] },
    ];
  },
  quantizedMatmul: (inputs) => {
    const [x, values, rowScales, weight, scales, twin, twinScales] = take(inputs, 7) as Operands;
    requireType('float32', x, rowScales, scales, twinScales);
    requireType('int8', weight, twin);
    requireMatrices(x, weight, twin);
    const [inner, outer] = weight.shape as [Dimension, Dimension];
    if (
      !sameShape(values.shape, x.shape) ||
      last(x.shape) !== inner ||
      !sameShape(scales.shape, [outer]) ||
      !sameShape(twin.shape, [outer, inner]) ||
      !sameShape(twinScales.shape, [inner])
    )
      throw new Error(`${describe(inputs)} do not belong together`);
    return [{ dataType: 'float32', shape: [x.shape[0] as Dimension, outer] }];
  },
  blockMatmul: (inputs, { transposed }) => {
    const [x, weight, scales] = take(inputs, 3) as [Value, Value, Value];
    requireType('float32', x, scales);
    requireMatrices(x, weight, scales);
    const [rows, columns] = weight.shape as [Dimension, Dimension];
    const [inner, outer] = transposed ? [rows, columns] : [columns, rows];
    if (last(x.shape) !== inner || scales.shape[0] !== rows)
      throw new Error(`${describe(inputs)} do not multiply (transposed: ${transposed})`);
    return [{ dataType: 'float32', shape: [x.shape[0] as Dimension, outer] }];
  },
  gatherRows: (inputs) => {
    const [table, indices] = take(inputs, 2) as [Value, Value];
    requireType('int64', indices);
    return [{ dataType: table.dataType, shape: [...indices.shape, ...table.shape.slice(1)] }];
  },
  scatterRows: (inputs, { rows }) => {
    const [indices, updates] = take(inputs, 2) as [Value, Value];
    requireType('int64', indices);
    if (!sameShape(updates.shape.slice(0, -1), indices.shape))
      throw new Error(`${describe(inputs)} do not belong together`);
    return [{ dataType: updates.dataType, shape: [rows, last(updates.shape)] }];
  },
  gatherElements: (inputs) => {
    const [data, indices] = take(inputs, 2) as [Value, Value];
    requireType('int64', indices);
    return [{ dataType: data.dataType, shape: indices.shape }];
  },
  scatterElements: (inputs) => {
    const [data, indices, updates] = take(inputs, 3) as [Value, Value, Value];
    requireType('int64', indices);
    if (!sameShape(indices.shape, updates.shape))
      throw new Error(`${describe([indices, updates])} do not belong together`);
    return [{ dataType: data.dataType, shape: data.shape }];
  },
  softmax: elementwise(1),
  rmsNorm: (inputs) => {
    const [x, weight] = take(inputs, 2) as [Value, Value];
    requireType('float32', x, weight);
    if (!sameShape(weight.shape, [last(x.shape)]))
      throw new Error(`${describe(inputs)} do not belong together`);
    return [
      { dataType: 'float32', shape: x.shape },
      { dataType: 'float32', shape: [...x.shape.slice(0, -1), 1] },
    ];
  },
  layerNorm: (inputs) => {
    const [x, weight, bias] = take(inputs, 3) as [Value, Value, Value];
    requireType('float32', x, weight, bias);
    if (![weight, bias].every(({ shape }) => sameShape(shape, [last(x.shape)])))
      throw new Error(`${describe(inputs)} do not belong together`);
    const perRow: TensorType = { dataType: 'float32', shape: [...x.shape.slice(0, -1), 1] };
    return [{ dataType: 'float32', shape: x.shape }, perRow, perRow];
  },
  rotary: (inputs) => {
    const [x, positions, cosines, sines] = take(inputs, 4) as [Value, Value, Value, Value];
    requireType('float32', x, cosines, sines);
    requireType('int64', positions);
    const half = Number(last(x.shape)) / 2;
    if (x.shape.length !== 4 || !sameShape(cosines.shape, sines.shape) || last(cosines.shape) !== half)
      throw new Error(`${describe(inputs)} do not belong together`);
    return [{ dataType: 'float32', shape: x.shape }];
  },
  crossEntropy: (inputs) => {
    const [logits, targets] = take(inputs, 2) as [Value, Value];
    requireType('float32', logits);
    requireType('int64', targets);
    if (logits.shape.length !== 2 || !sameShape(targets.shape, logits.shape.slice(0, 1)))
      throw new Error(`${describe(inputs)} do not belong together`);
    return [
      { dataType: 'float32', shape: targets.shape },
      { dataType: 'float32', shape: logits.shape },
    ];
  },
  knownGradient: (inputs) => {
    const [y, x, slope] = take(inputs, 3) as [Value, Value, Value];
    requireType('float32', y, x, slope);
    if (!sameShape(x.shape, slope.shape) || !sameShape(y.shape, x.shape.slice(0, 1)))
      throw new Error(`${describe(inputs)} do not belong together`);
    return [{ dataType: 'float32', shape: y.shape }];
  },
  attention: (inputs) => {
    const [q, k, v, bias] = take(inputs, 4) as [Value, Value, Value, Value];
    requireAttention(q, k, v, bias);
    return [{ dataType: 'float32', shape: q.shape }];
  },
  attentionGradient: (inputs) => {
    const [q, k, v, bias, output, gradient] = take(inputs, 6) as [Value, Value, Value, Value, Value, Value];
    requireAttention(q, k, v, bias);
    if (!sameShape(output.shape, q.shape) || !sameShape(gradient.shape, q.shape))
      throw new Error(`${describe([q, output, gradient])} do not belong together`);
    return [q, k, v].map(({ shape }) => ({ dataType: 'float32', shape }));
  },
};

/** The types of an operator's outputs; a misuse throws an Error that names the operator. */
export const inferTypes = <O extends OperatorName>(
  operator: O,
  inputs: readonly Value[],
  attributes: OperatorAttributes[O],
): TensorType[] => {
  try {
    return shapeRules[operator](inputs, attributes);
  } catch (error) {
    throw new Error(`${operator}: ${(error as Error).message}`, { cause: error });
  }
};
