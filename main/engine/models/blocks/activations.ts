import { z } from 'zod';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

type Activation = (g: GraphBuilder, x: Value) => Value;

const silu: Activation = (g, x) => g.silu(x, 1);
const exact: Activation = (g, x) => g.gelu(x, 'none');
const byTanh: Activation = (g, x) => g.gelu(x, 'tanh');
/** CLIP's. */
const quick: Activation = (g, x) => g.silu(x, 1.702);
const relu: Activation = (g, x) => g.select(g.lessOrEqual(x, 0), 0, x);

/** By their names in a config.json. */
const activations = {
  silu,
  swish: silu,
  gelu: exact,
  gelu_new: byTanh,
  gelu_pytorch_tanh: byTanh,
  gelu_fast: byTanh,
  quick_gelu: quick,
  relu,
} as const satisfies Record<string, Activation>;

export type ActivationName = keyof typeof activations;

export const activationSchema = z.enum(Object.keys(activations) as [ActivationName, ...ActivationName[]]);

export const activate = (g: GraphBuilder, name: ActivationName, x: Value): Value => activations[name](g, x);
