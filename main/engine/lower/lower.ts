import type { Dimension, Shape } from '../graph/dimension.ts';
import type { Graph, Node, NodeOf, Value } from '../graph/graph.ts';
import { byName, resultsInOrder } from '../graph/named.ts';
import { viewOf } from '../graph/node-view.ts';
import { operators } from '../graph/operators/index.ts';
import type { OperatorName, Signatures } from '../graph/signatures.ts';
import { createConstants, narrowed, type IndexType } from './constants.ts';
import { cpuRules } from './cpu/index.ts';
import { declaredShapes } from './declared-shapes.ts';
import { createEmitter } from './emitter.ts';
import { nested } from './nested.ts';
import { namedAfter } from './node-names.ts';
import { encodeOnnxModel, type OnnxDataType, type OnnxModel, type OnnxNode } from './onnx-model.ts';
import { portableRules } from './portable/index.ts';
import type { LoweringRules } from './rule.ts';
import { computedClasses, computedExtents, fedClasses, fedExtents } from './run-time-extents.ts';
import { takenFrom } from './taken-from.ts';

/** How graphs are written for a device. */
export interface LoweringTarget {
  readonly rules: LoweringRules;
  readonly indices: IndexType;
  /** Shapes known only at run time: worked out by nodes of the graph, or fed beside the inputs (then no node has to run on the CPU). */
  readonly extents: 'computed' | 'fed';
  /** Whether operators of many nodes become one that holds them. Only where all nodes run on the CPU: conditions are read there. */
  readonly nests: boolean;
}

export const nativeTarget: LoweringTarget = {
  rules: cpuRules,
  indices: 'int64',
  extents: 'computed',
  nests: true,
};
export const portableTarget: LoweringTarget = {
  rules: portableRules,
  indices: 'int32',
  extents: 'fed',
  nests: false,
};

/** Inputs beside the graph's own: each is an int64 vector with the extents of `shape`. */
export type FedShapes = readonly { readonly name: string; readonly shape: Shape }[];

/** Further ones: each is a row 0, 1, … (1 x count) in the type that indices have. */
export type FedClasses = readonly { readonly name: string; readonly count: Dimension }[];

/** What a lowered graph takes beside the graph's inputs. */
interface Fed {
  readonly fedShapes: FedShapes;
  readonly fedClasses: FedClasses;
}

export interface LoweredModel extends Fed {
  readonly bytes: Uint8Array;
}

/**
 * The nodes of a rule with their results under the names of the values that they are.
 * @throws Error where a result is not theirs, or is two values at once
 */
const withResults = (
  operator: OperatorName,
  nodes: readonly OnnxNode[],
  results: ReadonlyMap<string, string>,
  count: number,
): OnnxNode[] => {
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  if (results.size < count || ![...results.keys()].every((result) => made.has(result)))
    throw new Error(
      `${operator}: its lowering returns (${[...results.keys()].join(', ')}): not one name of its own nodes for each output`,
    );
  const rename = (name: string): string => results.get(name) ?? name;
  return nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
};

/** Whether none of its results may lie where an input does, which nothing within another node can. */
const hasOwnMemory = <O extends OperatorName>(node: NodeOf<O>): boolean => {
  const { alias, inPlace } = takenFrom<O>(node);
  return alias === undefined && inPlace.length === 0;
};

/** The graph as an ONNX model. Inputs and outputs keep their names; files of initializers keep their base names. */
export const toOnnx = (
  graph: Graph,
  { rules, indices, extents: way, nests }: LoweringTarget,
): Fed & { readonly model: OnnxModel } => {
  const names = new Map<Value, string>();
  for (const { name, value } of [...graph.inputs, ...graph.initializers]) names.set(value, name);
  const nameOf = (value: Value): string => names.get(value) ?? `v${value.id}`;

  const type = (dataType: OnnxDataType): OnnxDataType => (dataType === 'int64' ? indices : dataType);

  const nodes: OnnxNode[] = [];
  let intermediates = 0;
  const freshName = (): string => `t${intermediates++}`;
  const constants = createConstants(indices);
  const fed = new Map<string, Shape>();
  const fedRows = new Map<string, Dimension>();
  const { emit } = createEmitter(nodes, freshName);
  const extents = way === 'fed' ? fedExtents(fed, constants) : computedExtents(graph.inputs, constants, emit);
  const classes = way === 'fed' ? fedClasses(fedRows, constants) : computedClasses(extents, constants, emit);

  const lowerNode = <O extends OperatorName>(node: NodeOf<O>, place: number): void => {
    const own: OnnxNode[] = [];
    const { inputs, outputs } = operators[node.operator];
    const lowered = rules[node.operator]({
      ...constants,
      ...createEmitter(own, freshName),
      extents,
      classes,
      attributes: node.attributes,
      values: viewOf(node),
      inputs: byName<Signatures[O]['inputs'], string>(inputs, node.inputs.map(nameOf)),
    });
    const resultNames = resultsInOrder<Signatures[O]['outputs'], string>(outputs, lowered);
    const results = new Map(resultNames.map((name, at) => [name, nameOf(node.outputs[at] as Value)]));
    const named = namedAfter(
      node as Node,
      place,
      withResults(node.operator, own, results, node.outputs.length),
    );
    const given = node.outputs.map((value) => ({ name: nameOf(value), dataType: type(value.dataType) }));
    const nesting = nests && hasOwnMemory(node);
    nodes.push(...(nesting ? nested(named, given, constants.truth) : named));
  };

  graph.nodes.forEach((node, place) => lowerNode<OperatorName>(node, place));
  // A value may be an output under several names, or an input: an Identity gives each output its own.
  for (const { name, value } of graph.outputs)
    nodes.push({ type: 'Identity', inputs: [nameOf(value)], outputs: [name] });

  const shapeOf = declaredShapes(graph);
  const model: OnnxModel = {
    inputs: [
      ...graph.inputs.map(({ name, value: { dataType, shape } }) => ({
        name,
        dataType: type(dataType),
        shape,
      })),
      ...[...fed].map(([name, { length }]) => ({ name, dataType: 'int64' as const, shape: [length] })),
      ...[...fedRows].map(([name, count]) => ({ name, dataType: indices, shape: [1, count] })),
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
      ...constants.all(),
    ],
    values: graph.nodes.flatMap(({ outputs }) =>
      outputs.map((value) => ({
        name: nameOf(value),
        dataType: type(value.dataType),
        shape: shapeOf(value),
      })),
    ),
    nodes,
  };
  return {
    model,
    fedShapes: [...fed].map(([name, shape]) => ({ name, shape })),
    fedClasses: [...fedRows].map(([name, count]) => ({ name, count })),
  };
};

/** The graph as the bytes of an ONNX model, for a device. */
export const lowerFor = (graph: Graph, target: LoweringTarget): LoweredModel => {
  const { model, ...fed } = toOnnx(graph, target);
  return { bytes: encodeOnnxModel(model), ...fed };
};

/** The graph as the bytes of an ONNX model for the CPU. */
export const lower = (graph: Graph): Uint8Array => lowerFor(graph, nativeTarget).bytes;
