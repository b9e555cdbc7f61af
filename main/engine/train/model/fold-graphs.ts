import { factorKey, factorShape, layerAdapter, type Factor } from '../../adapters/layer/layer-adapter.ts';
import { sideValue } from '../../adapters/layer/side-graph.ts';
import { differentiate } from '../../autodiff/differentiate.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import { createGraphBuilder } from '../../graph/create-graph-builder.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { joinParameters, sliceParameters, type ParameterLayout } from '../../optim/parameter-layout.ts';
import { baseInputs, gradientOf, sideNames } from './base-inputs.ts';
import type { AdapterState, TrainedModel } from './trained-model.ts';

/** A factor that is not trained: in place from its file where it has one. */
const frozenFactor = (
  g: GraphBuilder,
  { values, files }: AdapterState,
  key: string,
  factor: Factor,
): Value => {
  const shape = factorShape(factor);
  const location = files?.get(key);
  // A factor that the base takes as it is (DoRA's squared norms) goes by its own name there.
  const name = `frozen:${key}`;
  if (!location) return g.constant(name, shape, values.get(key) as Float32Array);
  const { file, offset, length } = location;
  return g.initializer(name, 'float32', shape, { kind: 'file', file, offset, length });
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
  const known = new Map<string, Value>();
  for (const layer of adapter?.layers ?? []) {
    const state = adapter as AdapterState;
    const { left, right, residual, magnitude } = layerAdapter(state.description, layer);
    const valueOf = (factor: Factor): Value => {
      const key = factorKey(layer.module, factor);
      const value = slots.get(key) ?? known.get(key) ?? frozenFactor(g, state, key, factor);
      known.set(key, value);
      return value;
    };
    const names = sideNames(layer.module);
    const give = (name: string, value: Value): void => void folded.set(name, g.mark(value, 'always'));
    give(names.left, sideValue(g, left, valueOf));
    give(names.right, sideValue(g, right, valueOf));
    if (residual) {
      give(names.residualLeft, valueOf(residual.left));
      give(names.residualRight, valueOf(residual.right));
    }
    if (magnitude) {
      give(names.lengths, valueOf(magnitude.lengths));
      give(names.squaredNorms, valueOf(magnitude.squaredNorms));
    }
  }
  return { folded, trained: layout.slots.map(({ name }) => slots.get(name) as Value) };
};

/** For a device, where the parameters are one buffer. Input: parameters. Outputs: what the base model takes (`baseInputs`). */
export const foldGraph = (trained: TrainedModel, layout: ParameterLayout): Graph => {
  const g = createGraphBuilder();
  const { folded } = foldParameters(g, trained, layout);
  const computed = new Set(g.nodes.flatMap(({ outputs }) => outputs));
  // What a graph gives has to be computed: frozen parts that are given as they are go through a node of their own.
  const given = [...folded].map(([name, value]): [string, Value] => [
    name,
    computed.has(value) ? value : g.reshape(value, value.shape),
  ]);
  return g.build(Object.fromEntries(given));
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
  for (const { name, shape, trained: isTrained } of baseInputs(trained)) {
    if (!isTrained) continue;
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
