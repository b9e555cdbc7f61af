import { difference } from '../../graph/dimension.ts';
import type { Value } from '../../graph/graph.ts';
import type { AttentionAttributes } from '../../graph/signatures.ts';
import type { LoweringRules } from '../rule.ts';

interface QueriesAndKeys {
  readonly q: Value;
  readonly k: Value;
}

/** What the kernel is told of the scores; 0 stands for no soft cap, and for keys that no tile leaves out, as in the plain lowering. */
const scoreAttributes = (
  { scale, softcap, tile, positions, causal }: AttentionAttributes,
  { q, k }: QueriesAndKeys,
): { readonly scale: number; readonly softcap: number; readonly causalTile: bigint } => {
  const [keys, queries] = [k.shape[2], q.shape[2]];
  const isPartial =
    causal &&
    positions > tile &&
    keys !== undefined &&
    queries !== undefined &&
    difference(keys, queries) !== undefined;
  return { scale, softcap: softcap ?? 0, causalTile: isPartial ? BigInt(tile) : 0n };
};

type Emit = (type: string, inputs: readonly string[]) => string;

/** Their sum, or none. */
const oneBias = (emit: Emit, biases: readonly string[]): string =>
  biases.length === 0 ? '' : biases.reduce((sum, bias) => emit('Add', [sum, bias]));

const gradients = ['byQ', 'byK', 'byV'] as const;

export const attention = {
  attention: ({ emit, inputs: { q, k, v, biases }, attributes, values }) =>
    emit('nora.Attention', [q, k, v, oneBias(emit, biases)], scoreAttributes(attributes, values.inputs)),
  attentionGradient: ({
    emit,
    emitNamed,
    inputs: { q, k, v, gradient, output, biases },
    attributes,
    values,
  }) =>
    emitNamed(
      gradients,
      'nora.AttentionGradient',
      [q, k, v, gradient, output, oneBias(emit, biases)],
      scoreAttributes(attributes, values.inputs),
    ),
  attentionGradientAlone: ({ emit, emitNamed, inputs: { q, k, v, gradient, biases }, attributes, values }) =>
    emitNamed(
      gradients,
      'nora.AttentionGradient',
      [q, k, v, gradient, '', oneBias(emit, biases)],
      scoreAttributes(attributes, values.inputs),
    ),
} satisfies Partial<LoweringRules>;
