import { evaluate, isName, type Dimension, type Shape } from '../graph/dimension.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import { loweringRules, type LoweringContext, type LoweringRules } from './lowering-rules.ts';
import {
  encodeOnnxModel,
  type OnnxDataType,
  type OnnxInitializer,
  type OnnxInitializerSource,
  type OnnxNode,
} from './onnx-model.ts';
import { portableRules } from './portable-rules.ts';

/** How graphs are written for a device. */
export interface LoweringTarget {
  readonly rules: LoweringRules;
  /** What the graph's int64 inputs and constants become. */
  readonly indices: 'int64' | 'int32';
  /** Shapes known only at run time: worked out by nodes of the graph, or fed beside the inputs (then no node has to run on the CPU). */
  readonly extents: 'computed' | 'fed';
}

export const nativeTarget: LoweringTarget = { rules: loweringRules, indices: 'int64', extents: 'computed' };
export const portableTarget: LoweringTarget = { rules: portableRules, indices: 'int32', extents: 'fed' };

export interface LoweredModel {
  readonly bytes: Uint8Array;
  /** Inputs beside the graph's own: each is an int64 vector with the extents of `shape`. */
  readonly fedShapes: readonly { readonly name: string; readonly shape: Shape }[];
}

/** Where a named extent can be read at run time: an axis of a graph input. */
const findExtents = (graph: Graph): Map<string, { input: string; axis: number }> => {
  const found = new Map<string, { input: string; axis: number }>();
  for (const { name, value } of graph.inputs)
    value.shape.forEach((dimension, axis) => {
      if (isName(dimension) && !found.has(dimension)) found.set(dimension, { input: name, axis });
    });
  return found;
};

/** 64-bit indices in the type of the target. */
const narrowed = (
  source: OnnxInitializerSource,
  dataType: OnnxDataType,
  indices: LoweringTarget['indices'],
): { dataType: OnnxDataType; source: OnnxInitializerSource } =>
  dataType === 'int64' && indices === 'int32' && source.kind === 'inline'
    ? { dataType: indices, source: { kind: 'inline', data: Int32Array.from(source.data, Number) } }
    : { dataType, source };

const inline = (data: Float32Array | Uint8Array | Int32Array): OnnxInitializerSource =>
  data instanceof Int32Array ? { kind: 'inline', data } : { kind: 'inline', data };

/** Constants of one element. */
const single = {
  float32: (value: number) => inline(Float32Array.of(value)),
  uint8: (value: number) => inline(Uint8Array.of(value)),
  int32: (value: number) => inline(Int32Array.of(value)),
};

/** The graph as an ONNX model. Inputs and outputs keep their names; files of initializers keep their base names. */
export const lowerFor = (graph: Graph, { rules, indices, extents: way }: LoweringTarget): LoweredModel => {
  const names = new Map<Value, string>();
  for (const { name, value } of [...graph.inputs, ...graph.initializers]) names.set(value, name);
  const nameOf = (value: Value): string => names.get(value) ?? `v${value.id}`;

  const nodes: OnnxNode[] = [];
  const constants = new Map<string, OnnxInitializer>();
  const runTimeExtents = new Map<string, string>();
  const fedShapes = new Map<string, Shape>();
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

  const classes = (count: number): string => {
    const name = `classes:${count}`;
    if (constants.has(name)) return name;
    const source = {
      kind: 'inline' as const,
      data: BigInt64Array.from({ length: count }, (_, at) => BigInt(at)),
    };
    constants.set(name, { name, shape: [1, count], ...narrowed(source, 'int64', indices) });
    return name;
  };

  const number: LoweringContext<'quantizeRows'>['number'] = (value, dataType = 'float32', shape = []) => {
    const name = `${dataType}:${value}:${shape.length}`;
    constants.set(name, { name, dataType, shape, source: single[dataType](value) });
    return name;
  };

  /** A vector of one element with the run-time value of an extent such as `2*batch*sequence`. */
  const extent = (dimension: Dimension): string => {
    if (typeof dimension === 'number') return integers([dimension]);
    const known = runTimeExtents.get(dimension);
    if (known) return known;
    const combine = (type: string) => (left: string, right: string) => {
      const combined = intermediate();
      nodes.push({ type, inputs: [left, right], outputs: [combined] });
      return combined;
    };
    const name = evaluate(dimension, {
      number: (value) => integers([value]),
      name: (of) => {
        const source = inputExtents.get(of);
        if (!source) throw new Error(`no input has an axis of extent ${of}`);
        const read = intermediate();
        nodes.push({
          type: 'Shape',
          inputs: [source.input],
          outputs: [read],
          attributes: { start: BigInt(source.axis), end: BigInt(source.axis + 1) },
        });
        return read;
      },
      multiply: combine('Mul'),
      add: combine('Add'),
    });
    runTimeExtents.set(dimension, name);
    return name;
  };

  const extents = (shape: Shape): string => {
    if (shape.every((dimension) => typeof dimension === 'number')) return integers(shape);
    if (way === 'fed') {
      const fed = `extents:${shape.join(',')}`;
      fedShapes.set(fed, shape);
      return fed;
    }
    const name = intermediate();
    nodes.push({ type: 'Concat', inputs: shape.map(extent), outputs: [name], attributes: { axis: 0n } });
    return name;
  };

  const lowerNode = ({ operator, attributes, inputs, outputs }: Node): void => {
    const rule = rules[operator] as (context: LoweringContext<never>) => OnnxNode[];
    const lowered = rule({
      attributes: attributes as never,
      values: { inputs, outputs },
      inputs: inputs.map(nameOf),
      outputs: outputs.map(nameOf),
      integers,
      number,
      extents,
      intermediate,
      classes,
    });
    nodes.push(...lowered);
  };

  graph.nodes.forEach(lowerNode);
  // A value may be an output under several names, or an input: an Identity gives each output its own.
  for (const { name, value } of graph.outputs)
    nodes.push({ type: 'Identity', inputs: [nameOf(value)], outputs: [name] });

  const type = (dataType: OnnxDataType): OnnxDataType => (dataType === 'int64' ? indices : dataType);
  const bytes = encodeOnnxModel({
    inputs: [
      ...graph.inputs.map(({ name, value: { dataType, shape } }) => ({
        name,
        dataType: type(dataType),
        shape,
      })),
      ...[...fedShapes].map(([name, { length }]) => ({ name, dataType: 'int64' as const, shape: [length] })),
    ],
    outputs: graph.outputs.map(({ name, value: { dataType, shape } }) => ({
      name,
      dataType: type(dataType),
      shape,
    })),
    initializers: [
      ...graph.initializers.map(({ name, value: { dataType, shape }, source }) => ({
        name,
        shape,
        ...narrowed(source, dataType, indices),
      })),
      ...constants.values(),
    ],
    nodes,
  });
  return { bytes, fedShapes: [...fedShapes].map(([name, shape]) => ({ name, shape })) };
};

/** The graph as the bytes of an ONNX model for the CPU. */
export const lower = (graph: Graph): Uint8Array => lowerFor(graph, nativeTarget).bytes;
