import { expect, it } from 'vitest';
import { createGraphBuilder } from '../../../../main/engine/graph/create-graph-builder.ts';
import {
  activate,
  activationSchema,
  type ActivationName,
} from '../../../../main/engine/models/blocks/activations.ts';
import { createSession } from '../../../../main/engine/runtime/session.ts';

const inputs = Float32Array.of(-3, -1, -0.25, 0, 0.5, 1, 2.5);

/** What PyTorch 2.15 gives for them in float64. */
const expected: Readonly<Record<'silu' | 'gelu' | 'gelu_new' | 'quick_gelu' | 'relu', readonly number[]>> = {
  silu: [-0.14227762, -0.268941421, -0.109455875, 0, 0.311229666, 0.731058579, 2.31035455],
  gelu: [-0.00404969409, -0.158655254, -0.100323419, 0, 0.345731231, 0.841344746, 2.48447584],
  gelu_new: [-0.00363739208, -0.158808009, -0.100324649, 0, 0.34571401, 0.841191991, 2.48491573],
  quick_gelu: [-0.0180713097, -0.154204234, -0.0988003501, 0, 0.350388437, 0.845795766, 2.46501383],
  relu: [0, 0, 0, 0, 0.5, 1, 2.5],
};
const sameAs: Readonly<Record<ActivationName, keyof typeof expected>> = {
  silu: 'silu',
  swish: 'silu',
  gelu: 'gelu',
  gelu_new: 'gelu_new',
  gelu_pytorch_tanh: 'gelu_new',
  gelu_fast: 'gelu_new',
  quick_gelu: 'quick_gelu',
  relu: 'relu',
};

it.each(activationSchema.options)('%s is what transformers has under that name', async (name) => {
  const g = createGraphBuilder();
  const y = activate(g, name, g.input('x', 'float32', [inputs.length]));
  const session = await createSession(g.build({ y }), { threads: 1 });
  const outputs = await session.run({ x: { shape: [inputs.length], data: inputs } });
  await session.release();
  const own = outputs['y']!.data as Float32Array;
  for (const [at, value] of expected[sameAs[name]].entries()) expect(own[at]).toBeCloseTo(value, 6);
});
