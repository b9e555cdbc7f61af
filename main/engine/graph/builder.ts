import type { Dimension, Shape } from './dimension.ts';
import type { DataType, Graph, Initializer, InitializerSource, NamedValue, Node, Value } from './graph.ts';
import type { AttentionAttributes, OperatorAttributes, OperatorName } from './operators.ts';
import { inferTypes } from './shape-rules.ts';
import { withoutDeadNodes } from './dead-nodes.ts';
import { verify } from './verify.ts';

/** Collects nodes; each method adds one and returns its (first) output. Scalars may be given as plain numbers. */
export type GraphBuilder = ReturnType<typeof createGraphBuilder>;

type Operand = Value | number;

/** What the entries of a row are drawn from, (n x 1) each. */
export interface RandomRows {
  readonly factors: Value;
  readonly shifts: Value;
}

/**
 * What computing a value a second time would cost, for those who plan what to keep for the backward pass: a matrix product or
 * so ('costly'), or everything before it ('boundary': layers begin and end there). 'always' is kept whatever the plan.
 */
export type RecomputationCost = 'costly' | 'boundary' | 'always';

export const createGraphBuilder = () => {
  const inputs: NamedValue[] = [];
  const initializers: Initializer[] = [];
  const nodes: Node[] = [];
  const scalars = new Map<number, Value>();
  const costs = new Map<Value, RecomputationCost>();
  let nextId = 0;

  const value = (dataType: DataType, shape: Shape): Value => ({ id: nextId++, dataType, shape });

  const initializer = (name: string, dataType: DataType, shape: Shape, source: InitializerSource): Value => {
    const created = value(dataType, shape);
    initializers.push({ name, value: created, source });
    return created;
  };

  const scalar = (number: number): Value => {
    const known = scalars.get(number);
    if (known) return known;
    const created = initializer(`scalar:${number}`, 'float32', [], {
      kind: 'inline',
      data: Float32Array.of(number),
    });
    scalars.set(number, created);
    return created;
  };

  const operand = (of: Operand): Value => (typeof of === 'number' ? scalar(of) : of);

  const apply = <O extends OperatorName>(
    operator: O,
    operands: readonly Operand[],
    attributes: OperatorAttributes[O],
  ): Value[] => {
    const values = operands.map(operand);
    const outputs = inferTypes(operator, values, attributes).map(({ dataType, shape }) =>
      value(dataType, shape),
    );
    nodes.push({ operator, inputs: values, attributes, outputs } as Node);
    return outputs;
  };

  const one = <O extends OperatorName>(
    operator: O,
    operands: readonly Operand[],
    attributes: OperatorAttributes[O],
  ): Value => apply(operator, operands, attributes)[0] as Value;

  return {
    nodes: nodes as readonly Node[],
    apply,
    /** Says how dear a value is to compute again; unmarked ones are cheap. */
    mark: (value: Value, cost: RecomputationCost): Value => {
      costs.set(value, cost);
      return value;
    },
    costs: costs as ReadonlyMap<Value, RecomputationCost>,
    initializer,
    input: (name: string, dataType: DataType, shape: Shape): Value => {
      const created = value(dataType, shape);
      inputs.push({ name, value: created });
      return created;
    },
    constant: (name: string, shape: Shape, data: Float32Array | BigInt64Array): Value =>
      initializer(name, data instanceof Float32Array ? 'float32' : 'int64', shape, { kind: 'inline', data }),

    add: (a: Operand, b: Operand) => one('add', [a, b], {}),
    subtract: (a: Operand, b: Operand) => one('subtract', [a, b], {}),
    multiply: (a: Operand, b: Operand) => one('multiply', [a, b], {}),
    divide: (a: Operand, b: Operand) => one('divide', [a, b], {}),
    minimum: (a: Operand, b: Operand) => one('minimum', [a, b], {}),
    equal: (a: Operand, b: Operand) => one('equal', [a, b], {}),
    lessOrEqual: (a: Operand, b: Operand) => one('lessOrEqual', [a, b], {}),
    and: (a: Value, b: Value) => one('and', [a, b], {}),
    select: (condition: Value, whenTrue: Operand, whenFalse: Operand) =>
      one('select', [condition, whenTrue, whenFalse], {}),
    negate: (x: Value) => one('negate', [x], {}),
    absolute: (x: Value) => one('absolute', [x], {}),
    exponential: (x: Value) => one('exponential', [x], {}),
    squareRoot: (x: Value) => one('squareRoot', [x], {}),
    sigmoid: (x: Value) => one('sigmoid', [x], {}),
    tanh: (x: Value) => one('tanh', [x], {}),
    erf: (x: Value) => one('erf', [x], {}),
    silu: (x: Value) => one('silu', [x], {}),
    gelu: (x: Value, approximation: 'none' | 'tanh') => one('gelu', [x], { approximation }),
    detach: (x: Value) => one('detach', [x], {}),
    cast: (x: Value, to: DataType) => (x.dataType === to ? x : one('cast', [x], { to })),
    sum: (x: Value, axes: readonly number[]) => one('sum', [x], { axes }),
    mean: (x: Value, axes: readonly number[]) => one('mean', [x], { axes }),
    maximum: (x: Value, axes: readonly number[]) => one('maximum', [x], { axes }),
    secondMoment: (x: Value) => one('secondMoment', [x], {}),
    uniform: ({ factors, shifts }: RandomRows, columns: Value) =>
      one('uniform', [factors, shifts, columns], {}),
    bernoulli: ({ factors, shifts }: RandomRows, columns: Value, probability: number) =>
      one('bernoulli', [factors, shifts, columns], { probability }),
    reshape: (x: Value, shape: Shape) => one('reshape', [x], { shape }),
    expand: (x: Operand, shape: Shape) => one('expand', [x], { shape }),
    transpose: (x: Value, permutation: readonly number[]) => one('transpose', [x], { permutation }),
    slice: (x: Value, axis: number, start: number, end: number) => one('slice', [x], { axis, start, end }),
    concatenate: (values: readonly Value[], axis: number) => one('concatenate', values, { axis }),
    after: (x: Value, ...awaited: Value[]) => one('after', [x, ...awaited], {}),
    matmul: (a: Value, b: Value, { transposeA = false, transposeB = false } = {}) =>
      one('matmul', [a, b], { transposeA, transposeB }),
    quantizeRows: (x: Value) => apply('quantizeRows', [x], {}) as [Value, Value],
    /** x as a matrix with what quantizeRows made of it, times `weight`; `twin` is the transposed weight, for the gradient. */
    quantizedMatmul: (
      x: Value,
      quantized: readonly [Value, Value],
      weight: readonly [Value, Value],
      twin: readonly [Value, Value],
    ) => one('quantizedMatmul', [x, ...quantized, ...weight, ...twin], {}),
    blockMatmul: (x: Value, weight: Value, scales: Value, transposed = false) =>
      one('blockMatmul', [x, weight, scales], { transposed }),
    gatherRows: (table: Value, indices: Value) => one('gatherRows', [table, indices], {}),
    scatterRows: (indices: Value, updates: Value, rows: Dimension) =>
      one('scatterRows', [indices, updates], { rows }),
    gatherElements: (data: Value, indices: Value) => one('gatherElements', [data, indices], {}),
    scatterElements: (data: Value, indices: Value, updates: Value) =>
      one('scatterElements', [data, indices, updates], {}),
    softmax: (x: Value) => one('softmax', [x], {}),
    rmsNorm: (x: Value, weight: Value, epsilon: number) => one('rmsNorm', [x, weight], { epsilon }),
    layerNorm: (x: Value, weight: Value, bias: Value, epsilon: number) =>
      one('layerNorm', [x, weight, bias], { epsilon }),
    rotary: (x: Value, positions: Value, cosines: Value, sines: Value) =>
      one('rotary', [x, positions, cosines, sines], {}),
    crossEntropy: (logits: Value, targets: Value) => one('crossEntropy', [logits, targets], {}),
    knownGradient: (y: Value, x: Value, slope: Value) => one('knownGradient', [y, x, slope], {}),
    attention: (q: Value, k: Value, v: Value, bias: Value, attributes: AttentionAttributes) =>
      one('attention', [q, k, v, bias], attributes),

    /** The graph that computes the outputs, without what they do not need (inputs stay), verified. */
    build: (outputs: Readonly<Record<string, Value>>): Graph => {
      const named = Object.entries(outputs).map(([name, value]) => ({ name, value }));
      return verify(withoutDeadNodes({ inputs, initializers, nodes, outputs: named }));
    },
  };
};
