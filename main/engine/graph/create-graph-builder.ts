import type { GraphBuilder, Operand, OperatorMethods, RecomputationCost } from './builder.ts';
import type { DataType } from './data-type.ts';
import { withoutDeadNodes } from './dead-nodes.ts';
import type { Shape } from './dimension.ts';
import type { Initializer, InitializerSource, NamedValue, Node, Value } from './graph.ts';
import { inferTypes } from './infer-types.ts';
import { byName, inOrder } from './named.ts';
import { partWithin, unknownOrigin } from './origin.ts';
import { operators } from './operators/index.ts';
import type { AttributesOf, OperatorName } from './signatures.ts';
import { verify } from './verify.ts';

type Add = <O extends OperatorName>(
  operator: O,
  operands: readonly Operand[],
  attributes: AttributesOf<O>,
) => readonly Value[];

/** What the arguments of an operator's method are: its operands in order, and its attributes. */
const readArguments = (
  operator: OperatorName,
  given: readonly unknown[],
): { operands: readonly Operand[]; attributes: object } => {
  const { inputs, attributes } = operators[operator];
  const operands = given.slice(0, inputs.length).flat() as Operand[];
  if (attributes.length === 0) return { operands, attributes: {} };
  const last = given[inputs.length];
  return { operands, attributes: attributes.length === 1 ? { [attributes[0]]: last } : (last as object) };
};

const methodsOf = (add: Add): OperatorMethods =>
  Object.fromEntries(
    (Object.keys(operators) as OperatorName[]).map((operator) => [
      operator,
      (...given: readonly unknown[]) => {
        const { operands, attributes } = readArguments(operator, given);
        return add(operator, operands, attributes as AttributesOf<OperatorName>)[0];
      },
    ]),
  ) as unknown as OperatorMethods;

export const createGraphBuilder = (): GraphBuilder => {
  const inputs: NamedValue[] = [];
  const initializers: Initializer[] = [];
  const nodes: Node[] = [];
  const scalars = new Map<number, Value>();
  const costs = new Map<Value, RecomputationCost>();
  const producers = new Map<Value, Node>();
  let nextId = 0;
  let origin = unknownOrigin;

  const from: GraphBuilder['from'] = (entered, make) => {
    const left = origin;
    origin = entered;
    try {
      return make();
    } finally {
      origin = left;
    }
  };

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

  const add: Add = (operator, operands, attributes) => {
    const values = operands.map((operand) => (typeof operand === 'number' ? scalar(operand) : operand));
    const outputs = inferTypes(operator, values, attributes).map(({ dataType, shape }) =>
      value(dataType, shape),
    );
    const node = { operator, inputs: values, attributes, outputs, origin } as Node;
    nodes.push(node);
    for (const output of outputs) producers.set(output, node);
    return outputs;
  };

  const first = <O extends OperatorName>(
    operator: O,
    operands: readonly Operand[],
    attributes: AttributesOf<O>,
  ): Value => add(operator, operands, attributes)[0] as Value;

  return {
    ...methodsOf(add),
    cast: (x, to) => (x.dataType === to ? x : first('cast', [x], { to })),
    matmul: (a, b, { transposeA = false, transposeB = false } = {}) =>
      first('matmul', [a, b], { transposeA, transposeB }),
    slice: (x, axis, start, end) => first('slice', [x], { axis, start, end }),
    quantizeRows: (x) => add('quantizeRows', [x], {}) as [Value, Value],
    uniform: ({ factors, shifts }, columns) => first('uniform', [factors, shifts, columns], {}),
    bernoulli: ({ factors, shifts }, columns, probability) =>
      first('bernoulli', [factors, shifts, columns], { probability }),

    nodes,
    producerOf: (value) => producers.get(value),
    apply: (operator, named, attributes) => {
      const { inputs: names, outputs } = operators[operator];
      return byName(outputs, add(operator, inOrder(names, named), attributes));
    },
    from,
    within: (part, make) => from({ ...origin, part: partWithin(origin.part, part) }, make),
    repeat: ({ operator, attributes }, operands) => add<OperatorName>(operator, operands, attributes),
    mark: (marked, cost) => {
      costs.set(marked, cost);
      return marked;
    },
    costs,
    initializer,
    input: (name, dataType, shape) => {
      const created = value(dataType, shape);
      inputs.push({ name, value: created });
      return created;
    },
    constant: (name, shape, data) =>
      initializer(name, data instanceof Float32Array ? 'float32' : 'int64', shape, { kind: 'inline', data }),

    build: (outputs) => {
      const named = Object.entries(outputs).map(([name, output]) => ({ name, value: output }));
      return verify(withoutDeadNodes({ inputs, initializers, nodes, outputs: named }));
    },
  };
};
