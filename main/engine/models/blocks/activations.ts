import { z } from 'zod';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import type { ActivationForm } from '../../graph/signatures.ts';

const silu: ActivationForm = { kind: 'silu', alpha: 1 };
const exact: ActivationForm = { kind: 'gelu', approximation: 'none' };
const byTanh: ActivationForm = { kind: 'gelu', approximation: 'tanh' };
/** CLIP's. */
const quick: ActivationForm = { kind: 'silu', alpha: 1.702 };

/** By their names in a config.json; null for one that is a line of simple operators. */
const activations = {
  silu,
  swish: silu,
  gelu: exact,
  gelu_new: byTanh,
  gelu_pytorch_tanh: byTanh,
  gelu_fast: byTanh,
  quick_gelu: quick,
  relu: null,
} as const satisfies Record<string, ActivationForm | null>;

export type ActivationName = keyof typeof activations;

export const activationSchema = z.enum(Object.keys(activations) as [ActivationName, ...ActivationName[]]);

const bend = (g: GraphBuilder, activation: ActivationForm | null, x: Value): Value => {
  if (activation === null) return g.select(g.lessOrEqual(x, 0), 0, x);
  return activation.kind === 'silu' ? g.silu(x, activation.alpha) : g.gelu(x, activation.approximation);
};

export const activate = (g: GraphBuilder, name: ActivationName, x: Value): Value =>
  g.within('activation', () => bend(g, activations[name], x));

/** activation(gate) * x */
export const gatedBy = (g: GraphBuilder, name: ActivationName, gate: Value, x: Value): Value =>
  g.within('activation', () => {
    const activation = activations[name];
    return activation ? g.gated(gate, x, activation) : g.multiply(bend(g, null, gate), x);
  });
