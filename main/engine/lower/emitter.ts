import type { LoweringContext } from './lowering-rules.ts';
import { microsoftDomain, type OnnxNode } from './onnx-model.ts';

/** Adds a node with one output, whose name it returns. */
export type Emit = (type: string, inputs: readonly string[], attributes?: OnnxNode['attributes']) => string;

const runtimeOwn = new Set(['FusedMatMul']);

/** Writes the nodes of a rule that needs many, one by one. */
export const emitter =
  ({ intermediate }: Pick<LoweringContext<never>, 'intermediate'>, nodes: OnnxNode[]): Emit =>
  (type, inputs, attributes) => {
    const output = intermediate();
    nodes.push({
      type,
      ...(runtimeOwn.has(type) ? { domain: microsoftDomain } : {}),
      inputs,
      outputs: [output],
      ...(attributes ? { attributes } : {}),
    });
    return output;
  };

/** A vector of extents, as it is but not before the given values are computed: what is reshaped with it comes after them. */
export const waitFor = (
  emit: Emit,
  { integers }: Pick<LoweringContext<never>, 'integers'>,
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
