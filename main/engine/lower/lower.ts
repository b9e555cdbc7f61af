import type { Dimension, Shape } from '../graph/dimension.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import { loweringRules, type LoweringContext } from './lowering-rules.ts';
import { encodeOnnxModel, type OnnxInitializer, type OnnxNode } from './onnx-model.ts';

/** Where a named extent can be read at run time: an axis of a graph input. */
const findExtents = (graph: Graph): Map<string, { input: string; axis: number }> => {
  const found = new Map<string, { input: string; axis: number }>();
  for (const { name, value } of graph.inputs)
    value.shape.forEach((dimension, axis) => {
      if (typeof dimension === 'string' && !found.has(dimension)) found.set(dimension, { input: name, axis });
    });
  return found;
};

/** The graph as the bytes of an ONNX model. Inputs and outputs keep their names; files of initializers keep their base names. */
export const lower = (graph: Graph): Uint8Array => {
  const names = new Map<Value, string>();
  for (const { name, value } of [...graph.inputs, ...graph.initializers]) names.set(value, name);
  const nameOf = (value: Value): string => names.get(value) ?? `v${value.id}`;

  const nodes: OnnxNode[] = [];
  const constants = new Map<string, OnnxInitializer>();
  const runTimeExtents = new Map<string, string>();
  const inputExtents = findExtents(graph);
  let intermediates = 0;
  const intermediate = (): string => `t${intermediates++}`;

  const integers = (values: readonly number[]): string => {
    const name = `integers:${values.join(',')}`;
    const data = BigInt64Array.from(values, BigInt);
    constants.set(name, {
      name,
      dataType: 'int64',
      shape: [values.length],
      source: { kind: 'inline', data },
    });
    return name;
  };

  const number: LoweringContext<'quantizeRows'>['number'] = (value, dataType = 'float32', shape = []) => {
    const name = `${dataType}:${value}:${shape.length}`;
    const data = dataType === 'uint8' ? Uint8Array.of(value) : Float32Array.of(value);
    constants.set(name, { name, dataType, shape, source: { kind: 'inline', data } });
    return name;
  };

  /** A vector of one element with the run-time value of an extent such as `2*batch*sequence`. */
  const extent = (dimension: Dimension): string => {
    if (typeof dimension === 'number') return integers([dimension]);
    const known = runTimeExtents.get(dimension);
    if (known) return known;
    const factors = dimension.split('*').map((factor) => {
      const number = Number(factor);
      if (!Number.isNaN(number)) return integers([number]);
      const source = inputExtents.get(factor);
      if (!source) throw new Error(`no input has an axis of extent ${factor}`);
      const name = intermediate();
      nodes.push({
        type: 'Shape',
        inputs: [source.input],
        outputs: [name],
        attributes: { start: BigInt(source.axis), end: BigInt(source.axis + 1) },
      });
      return name;
    });
    const name = factors.reduce((left, right) => {
      const multiplied = intermediate();
      nodes.push({ type: 'Mul', inputs: [left, right], outputs: [multiplied] });
      return multiplied;
    });
    runTimeExtents.set(dimension, name);
    return name;
  };

  const extents = (shape: Shape): string => {
    if (shape.every((dimension) => typeof dimension === 'number')) return integers(shape);
    const name = intermediate();
    nodes.push({ type: 'Concat', inputs: shape.map(extent), outputs: [name], attributes: { axis: 0n } });
    return name;
  };

  const lowerNode = ({ operator, attributes, inputs, outputs }: Node): void => {
    const rule = loweringRules[operator] as (context: LoweringContext<never>) => OnnxNode[];
    const lowered = rule({
      attributes: attributes as never,
      values: { inputs, outputs },
      inputs: inputs.map(nameOf),
      outputs: outputs.map(nameOf),
      integers,
      number,
      extents,
      intermediate,
    });
    nodes.push(...lowered);
  };

  graph.nodes.forEach(lowerNode);
  // A value may be an output under several names, or an input: an Identity gives each output its own.
  for (const { name, value } of graph.outputs)
    nodes.push({ type: 'Identity', inputs: [nameOf(value)], outputs: [name] });

  return encodeOnnxModel({
    inputs: graph.inputs.map(({ name, value: { dataType, shape } }) => ({ name, dataType, shape })),
    outputs: graph.outputs.map(({ name, value: { dataType, shape } }) => ({ name, dataType, shape })),
    initializers: [
      ...graph.initializers.map(({ name, value: { dataType, shape }, source }) => ({
        name,
        dataType,
        shape,
        source,
      })),
      ...constants.values(),
    ],
    nodes,
  });
};
