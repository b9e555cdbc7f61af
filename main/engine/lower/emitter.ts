import type { LoweringContext } from './lowering-rules.ts';
import { microsoftDomain, type OnnxNode } from './onnx-model.ts';

/** Adds a node with one output, whose name it returns. */
export type Emit = (type: string, inputs: readonly string[], attributes?: OnnxNode['attributes']) => string;

const runtimeOwn = new Set(['FusedMatMul']);

/** Writes the nodes of a rule that needs many, one by one. */
export const emitter =
  ({ intermediate }: LoweringContext<never>, nodes: OnnxNode[]): Emit =>
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

/**
 * A vector of extents, as it is but not before the given values are computed: what is reshaped with it comes after them. `axis`
 * must be one whose extent is known at run time only; otherwise the compiler folds this away.
 */
export const waitFor = (emit: Emit, extents: string, values: readonly string[], axis: number): string =>
  values.reduce((shape, value) => {
    const extent = emit('Shape', [value], { start: BigInt(axis), end: BigInt(axis + 1) });
    return emit('Add', [shape, emit('Sub', [extent, extent])]);
  }, extents);
