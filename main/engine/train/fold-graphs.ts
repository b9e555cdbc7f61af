import { factorChain, factorKey, type Factor } from '../adapters/factors.ts';
import { differentiate } from '../autodiff/differentiate.ts';
import { createGraphBuilder, type GraphBuilder } from '../graph/builder.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { joinParameters, sliceParameters, type ParameterLayout } from '../optim/parameter-layout.ts';
import { baseInputs, gradientOf, sideNames } from './base-inputs.ts';
import type { AdapterState, TrainedModel } from './trained-model.ts';

/** A factor that is not trained: in place from its file where it has one. */
const frozenFactor = (
  g: GraphBuilder,
  { values, files }: AdapterState,
  key: string,
  factor: Factor,
): Value => {
  const shape = [factor.rows, factor.columns];
  const location = files?.get(key);
  if (!location) return g.constant(key, shape, values.get(key) as Float32Array);
  const { file, offset, length } = location;
  return g.initializer(key, 'float32', shape, { kind: 'file', file, offset, length });
};

/** In a graph: what the base model takes, by name, and the trained tensors that it is made of, in the order of the layout. */
export const foldParameters = (
  g: GraphBuilder,
  { adapter, trainedWeights }: TrainedModel,
  layout: ParameterLayout,
): { folded: Map<string, Value>; trained: Value[] } => {
  const slots =
    layout.total === 0
      ? new Map<string, Value>()
      : sliceParameters(g, layout, g.input('parameters', 'float32', [layout.total]));
  const folded = new Map<string, Value>();
  for (const name of trainedWeights) folded.set(name, slots.get(name) as Value);
  for (const layer of adapter?.layers ?? []) {
    const state = adapter as AdapterState;
    const chain = factorChain(state.description, layer);
    for (const side of ['left', 'right'] as const) {
      const factors = chain[side].map((factor) => {
        const key = factorKey(layer.module, factor);
        return slots.get(key) ?? frozenFactor(g, state, key, factor);
      });
      const product = factors.reduce((a, b) => g.matmul(a, b));
      folded.set(sideNames(layer.module)[side], g.mark(product, 'always'));
    }
  }
  return { folded, trained: layout.slots.map(({ name }) => slots.get(name) as Value) };
};

/** For a device, where the parameters are one buffer. Input: parameters. Outputs: what the base model takes (`baseInputs`). */
export const foldGraph = (trained: TrainedModel, layout: ParameterLayout): Graph => {
  const g = createGraphBuilder();
  return g.build(Object.fromEntries(foldParameters(g, trained, layout).folded));
};

/**
 * The way back: inputs parameters, the gradients by what the base model took, and where `accumulate` the gradient so far.
 * Outputs: gradient, flat in the order of the layout, and gradient_norm (1) of it.
 */
export const pullbackGraph = (
  trained: TrainedModel,
  layout: ParameterLayout,
  { accumulate }: { readonly accumulate: boolean },
): Graph => {
  const g = createGraphBuilder();
  const { folded, trained: tensors } = foldParameters(g, trained, layout);
  const gradients = new Map<Value, Value>();
  for (const { name, shape } of baseInputs(trained)) {
    const seed = g.input(gradientOf(name), 'float32', shape);
    differentiate(g, folded.get(name) as Value, tensors, { seed }).forEach((gradient, index) => {
      if (gradient) gradients.set(tensors[index] as Value, gradient);
    });
  }
  const joined = joinParameters(
    g,
    layout,
    tensors.map((tensor) => gradients.get(tensor) ?? g.expand(0, tensor.shape)),
  );
  const gradient = accumulate ? g.add(joined, g.input('accumulated', 'float32', [layout.total])) : joined;
  return g.build({ gradient_norm: g.squareRoot(g.sum(g.multiply(gradient, gradient), [0])), gradient });
};
