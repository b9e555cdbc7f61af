import type { Constants } from './constants.ts';
import { microsoftDomain, ownDomain, type OnnxNode } from './onnx-model.ts';

/** Adds a node with one output, whose name it returns. */
export type Emit = (type: string, inputs: readonly string[], attributes?: OnnxNode['attributes']) => string;

/** Adds a node with several outputs, whose names it returns; '' stands for one that is not asked for. */
export type EmitNamed = <const Outputs extends readonly string[]>(
  outputs: Outputs,
  type: string,
  inputs: readonly string[],
  attributes?: OnnxNode['attributes'],
) => { readonly [Output in Outputs[number]]: string };

/** ONNX Runtime's own operators. */
const runtimeOwn = new Set([
  'FusedMatMul',
  'MatMulIntegerToFloat',
  'MatMulNBits',
  'QuickGelu',
  'RotaryEmbedding',
  'SkipSimplifiedLayerNormalization',
]);

/** The domain of a type and its name there: types of the addon's operators begin with their domain. */
const named = (type: string): Pick<OnnxNode, 'type' | 'domain'> => {
  if (type.startsWith(`${ownDomain}.`)) return { type: type.slice(ownDomain.length + 1), domain: ownDomain };
  return runtimeOwn.has(type) ? { type, domain: microsoftDomain } : { type };
};

/** Writes nodes one by one, and names what they give. */
export const createEmitter = (
  nodes: OnnxNode[],
  freshName: () => string,
): { readonly emit: Emit; readonly emitNamed: EmitNamed } => {
  const add = (
    outputs: readonly string[],
    type: string,
    inputs: readonly string[],
    attributes: OnnxNode['attributes'],
  ): void =>
    void nodes.push({
      ...named(type),
      inputs,
      outputs,
      ...(attributes ? { attributes } : {}),
    });
  return {
    emit: (type, inputs, attributes) => {
      const output = freshName();
      add([output], type, inputs, attributes);
      return output;
    },
    emitNamed: (outputs, type, inputs, attributes) => {
      const names = Object.fromEntries(
        outputs.map((output: string) => [output, output === '' ? '' : freshName()]),
      );
      add(
        outputs.map((output: string) => names[output] as string),
        type,
        inputs,
        attributes,
      );
      return names as { readonly [Output in (typeof outputs)[number]]: string };
    },
  };
};

/** A vector of extents, as it is but not before the given values are computed: what is reshaped with it comes after them. */
export const waitFor = (
  { emit, integers }: { readonly emit: Emit } & Pick<Constants, 'integers'>,
  extents: string,
  values: readonly string[],
): string => {
  if (values.length === 0) return extents;
  const all = emit(
    'Concat',
    values.map((value) => emit('Shape', [value])),
    { axis: 0n },
  );
  return emit('Concat', [extents, emit('Slice', [all, integers([0]), integers([0])])], { axis: 0n });
};
