import type { DataType } from '../graph/data-type.ts';
import type { Shape } from '../graph/dimension.ts';
import type { InitializerSource } from '../graph/graph.ts';
import {
  message,
  toBytes,
  writeBytes,
  writeFloat,
  writeInteger,
  writeMessage,
  writeString,
  type Message,
} from './protobuf.ts';

/** The parts of an ONNX model that lowering produces; field numbers below are those of onnx.proto3 (IR version 10). */
export interface OnnxModel {
  readonly inputs: readonly OnnxTensorType[];
  readonly outputs: readonly OnnxTensorType[];
  readonly initializers: readonly OnnxInitializer[];
  /** What is known of values between inputs and outputs. */
  readonly values: readonly OnnxTensorType[];
  readonly nodes: readonly OnnxNode[];
}

/** Devices other than the CPU take indices in 32 bits. */
export type OnnxDataType = DataType | 'int32';

/** As in a graph, or 32-bit indices. */
export type OnnxInitializerSource =
  InitializerSource | { readonly kind: 'inline'; readonly data: Int32Array };

export interface OnnxTensorType {
  readonly name: string;
  readonly dataType: OnnxDataType;
  readonly shape: Shape;
}

export interface OnnxInitializer extends OnnxTensorType {
  readonly source: OnnxInitializerSource;
}

/** Integers are `bigint`, floats are `number`: ONNX tells them apart, JavaScript's numbers do not. */
export type OnnxAttribute =
  | number
  | bigint
  | string
  | readonly bigint[]
  | { readonly tensor: Float32Array }
  | { readonly graph: OnnxSubgraph };

/** Nodes within a node. They see all values that are there before it. */
export interface OnnxSubgraph {
  readonly nodes: readonly OnnxNode[];
  readonly outputs: readonly Omit<OnnxTensorType, 'shape'>[];
}

export interface OnnxNode {
  /** Unique in its model; none where absent. */
  readonly name?: string;
  readonly type: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** ONNX Runtime's own operators (fused ones among them). */
export const microsoftDomain = 'com.microsoft';

/** The addon's operators (native/src/operators). */
export const ownDomain = 'nora';

const dataTypes: Readonly<Record<OnnxDataType, number>> = {
  float32: 1,
  float64: 11,
  int32: 6,
  uint8: 2,
  int8: 3,
  int64: 7,
  bool: 9,
  float16: 10,
  bfloat16: 16,
  int4: 22,
};

/** The number of a type, as an attribute. */
export const typeNumber = (dataType: OnnxDataType): bigint => BigInt(dataTypes[dataType]);

const asBytes = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const tensorMessage = (
  name: string,
  dataType: OnnxDataType,
  shape: Shape,
  source: OnnxInitializerSource,
): Message => {
  const tensor = message();
  for (const dimension of shape) writeInteger(tensor, 1, BigInt(dimension));
  writeInteger(tensor, 2, dataTypes[dataType]);
  writeString(tensor, 8, name);
  if (source.kind === 'inline') {
    writeBytes(tensor, 9, asBytes(source.data));
    return tensor;
  }
  for (const [key, value] of Object.entries({
    location: source.file,
    offset: source.offset,
    length: source.length,
  })) {
    const entry = message();
    writeString(entry, 1, key);
    writeString(entry, 2, String(value));
    writeMessage(tensor, 13, entry);
  }
  writeInteger(tensor, 14, 1); // data_location: EXTERNAL
  return tensor;
};

const attributeMessage = (name: string, value: OnnxAttribute): Message => {
  const attribute = message();
  writeString(attribute, 1, name);
  const types = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, ints: 7 };
  const type = (of: keyof typeof types): void => writeInteger(attribute, 20, types[of]);
  if (typeof value === 'number') {
    writeFloat(attribute, 2, value);
    type('float');
  } else if (typeof value === 'bigint') {
    writeInteger(attribute, 3, value);
    type('int');
  } else if (typeof value === 'string') {
    writeString(attribute, 4, value);
    type('string');
  } else if ('tensor' in value) {
    writeMessage(
      attribute,
      5,
      tensorMessage('', 'float32', [value.tensor.length], { kind: 'inline', data: value.tensor }),
    );
    type('tensor');
  } else if ('graph' in value) {
    writeMessage(attribute, 6, subgraphMessage(name, value.graph));
    type('graph');
  } else {
    for (const integer of value) writeInteger(attribute, 8, integer);
    type('ints');
  }
  return attribute;
};

const nodeMessage = ({ name: own, type, domain, inputs, outputs, attributes }: OnnxNode): Message => {
  const node = message();
  for (const name of inputs) writeString(node, 1, name);
  for (const name of outputs) writeString(node, 2, name);
  if (own !== undefined) writeString(node, 3, own);
  writeString(node, 4, type);
  for (const [name, value] of Object.entries(attributes ?? {}))
    writeMessage(node, 5, attributeMessage(name, value));
  if (domain) writeString(node, 7, domain);
  return node;
};

const shapeMessage = (shape: Shape): Message => {
  const dimensions = message();
  for (const extent of shape) {
    const dimension = message();
    if (typeof extent === 'number') writeInteger(dimension, 1, extent);
    else writeString(dimension, 2, extent);
    writeMessage(dimensions, 1, dimension);
  }
  return dimensions;
};

/** Without a shape nothing is said of it, not that there is one number. */
const valueInfoMessage = ({
  name,
  dataType,
  shape,
}: Omit<OnnxTensorType, 'shape'> & { readonly shape?: Shape }): Message => {
  const tensor = message();
  writeInteger(tensor, 1, dataTypes[dataType]);
  if (shape) writeMessage(tensor, 2, shapeMessage(shape));
  const type = message();
  writeMessage(type, 1, tensor);
  const info = message();
  writeString(info, 1, name);
  writeMessage(info, 2, type);
  return info;
};

const subgraphMessage = (name: string, { nodes, outputs }: OnnxSubgraph): Message => {
  const graph = message();
  for (const node of nodes) writeMessage(graph, 1, nodeMessage(node));
  writeString(graph, 2, name);
  for (const output of outputs) writeMessage(graph, 12, valueInfoMessage(output));
  return graph;
};

const operatorSet = (domain: string, version: number): Message => {
  const set = message();
  writeString(set, 1, domain);
  writeInteger(set, 2, version);
  return set;
};

/** The model as the bytes of an ONNX file. */
export const encodeOnnxModel = ({ inputs, outputs, initializers, values, nodes }: OnnxModel): Uint8Array => {
  const graph = message();
  for (const node of nodes) writeMessage(graph, 1, nodeMessage(node));
  writeString(graph, 2, 'nora');
  for (const { name, dataType, shape, source } of initializers)
    writeMessage(graph, 5, tensorMessage(name, dataType, shape, source));
  for (const input of inputs) writeMessage(graph, 11, valueInfoMessage(input));
  for (const output of outputs) writeMessage(graph, 12, valueInfoMessage(output));
  for (const value of values) writeMessage(graph, 13, valueInfoMessage(value));
  const model = message();
  writeInteger(model, 1, 10);
  writeString(model, 2, 'nora-workbench');
  writeMessage(model, 7, graph);
  writeMessage(model, 8, operatorSet('', 21));
  writeMessage(model, 8, operatorSet(microsoftDomain, 1));
  // ONNX Runtime knows this domain in sessions of the addon's only.
  if (nodes.some(({ domain }) => domain === ownDomain)) writeMessage(model, 8, operatorSet(ownDomain, 1));
  return toBytes(model);
};
