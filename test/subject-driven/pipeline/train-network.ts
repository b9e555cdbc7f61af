import { existsSync } from 'node:fs';
import { differentiate } from '../../../main/engine/autodiff/differentiate.ts';
import { keptBy } from '../../../main/engine/autodiff/memory-mode.ts';
import {
  readSafetensorsHeader,
  readTensorFloat32,
  writeSafetensors,
} from '../../../main/engine/formats/safetensors.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import type { GraphBuilder } from '../../../main/engine/graph/builder.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import {
  layoutParameters,
  packParameters,
  type ParameterLayout,
  type ParameterSlot,
} from '../../../main/engine/optim/parameter-layout.ts';
import { learningRateAt } from '../../../main/engine/optim/schedule.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import type { Tensor } from '../../../main/engine/tensor.ts';
import { createUpdateInPlace } from '../../../main/engine/train/arm/update-in-place.ts';
import type { Weights } from './network.ts';

/** Values of a graph on weights, by their names. */
export type Build = (g: GraphBuilder, weight: Weights) => Readonly<Record<string, Value>>;

const view = (vector: Float32Array, { shape, offset, length }: ParameterSlot): Tensor => ({
  shape,
  data: vector.subarray(offset, offset + length),
});

/** A graph on weights that are inputs under their names. */
const graphOn = (build: Build) => {
  const g = createGraphBuilder();
  const weights = new Map<string, Value>();
  const built = build(g, (name, shape) => {
    const known = weights.get(name) ?? g.input(name, 'float32', shape);
    weights.set(name, known);
    return known;
  });
  return { g, weights, built };
};

/** Weights, and where each stands in them. */
export interface Trained {
  readonly weights: Float32Array;
  readonly layout: ParameterLayout;
}

/** The weights that a graph asks for. */
export const layoutOf = (build: Build): ParameterLayout =>
  layoutParameters(
    [...graphOn(build).weights].map(([name, { shape }]) => ({ name, shape: shape as readonly number[] })),
  );

/**
 * What a weight is before training: biases 0, norms 1, the last layer of what is added to something 0, so that blocks begin as nothing;
 * embeddings as CLIP has them, all others by how many numbers they add up.
 */
const freshWeight = ({ name, shape, length }: ParameterSlot, seed: number, index: number): Float32Array => {
  const fresh = new Float32Array(length);
  if (/norm\w*(\.\d+)?\.weight$/.test(name)) return fresh.fill(1);
  if (shape.length === 1 || /(conv2|unet\.conv_out|unet\..*proj_out)\.weight$/.test(name)) return fresh;
  const random = createRandom(seed, index);
  const inputs = shape.slice(1).reduce((a, b) => a * b, 1);
  const deviation = name.includes('_embedding.weight') && name.includes('text_model') ? 0.05 : inputs ** -0.5;
  return fresh.map(() => deviation * random.normal());
};

export const freshWeights = (layout: ParameterLayout, seed: number): Float32Array => {
  const byName = new Map(layout.slots.map((slot, index) => [slot.name, freshWeight(slot, seed, index)]));
  return packParameters(layout, (name) => byName.get(name)!);
};

/** Runs a graph on trained weights for as long as `use` takes. */
export const running = async <Result>(
  { weights: vector, layout }: Trained,
  build: Build,
  threads: number,
  use: (run: (feeds: Readonly<Record<string, Tensor>>) => Promise<Record<string, Tensor>>) => Promise<Result>,
): Promise<Result> => {
  const { g, weights, built } = graphOn(build);
  const session = await createSession(g.build(built), { threads });
  const inputs = Object.fromEntries(
    layout.slots.filter(({ name }) => weights.has(name)).map((slot) => [slot.name, view(vector, slot)]),
  );
  try {
    return await use((feeds) => session.run({ ...feeds, ...inputs }));
  } finally {
    await session.release();
  }
};

export interface NetworkTraining {
  /** One number, `loss`, and what else is to be told of a step. */
  readonly build: Build;
  readonly steps: number;
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly weightDecay: number;
  readonly seed: number;
  readonly threads: number;
  /** Of the moving average of the weights, which is what comes out. */
  readonly averageDecay: number;
  /** What a step is computed of, counted from 0. It depends on the step alone. */
  readonly feeds: (step: number) => Readonly<Record<string, Tensor>>;
  /** Written now and then, and gone on from where it is there. */
  readonly checkpoint: string;
  readonly checkpointSteps: number;
  /** @param step counted from 1 */
  readonly onStep: (step: number, outputs: Readonly<Record<string, Tensor>>) => void;
  /** Told with every checkpoint. */
  readonly onCheckpoint?: (trained: Trained) => Promise<void>;
}

const vectorNames = ['parameters', 'firstMoment', 'secondMoment', 'average'] as const;
type State = Record<(typeof vectorNames)[number], Float32Array>;

/** Which numbers stand where. */
const describeLayout = ({ slots }: ParameterLayout): string =>
  slots.map(({ name, shape }) => `${name} ${shape.join('x')}`).join('\n');

const writeCheckpoint = (path: string, layout: ParameterLayout, state: State, step: number): void =>
  writeSafetensors(
    path,
    vectorNames.map((name) => ({ name, dtype: 'F32', shape: [state[name].length], data: state[name] })),
    { step: String(step), layout: describeLayout(layout) },
  );

const readCheckpoint = (path: string, layout: ParameterLayout): { state: State; step: number } => {
  const header = readSafetensorsHeader(path);
  if (header.metadata['layout'] !== describeLayout(layout))
    throw new Error(`${path}: of another network; delete it to begin anew`);
  const vectors = vectorNames.map((name) => [name, readTensorFloat32(header, name)] as const);
  return { state: Object.fromEntries(vectors) as State, step: Number(header.metadata['step']) };
};

const freshState = (parameters: Float32Array): State => ({
  parameters,
  firstMoment: new Float32Array(parameters.length),
  secondMoment: new Float32Array(parameters.length),
  average: parameters.slice(),
});

const normOf = (vector: Float32Array): number => {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return Math.sqrt(sum);
};

/**
 * Trains every weight of a network by AdamW, with graphs, gradients and updates of the engine. Stopped and started again it goes on from its
 * checkpoint with the numbers that it would have had.
 * @returns the average of the weights
 */
export const trainNetwork = async (options: NetworkTraining): Promise<Trained> => {
  const { build, steps, learningRate, warmupSteps, weightDecay, seed, threads, averageDecay } = options;
  const { g, weights, built } = graphOn(build);
  const layout = layoutOf(build);
  const gradients = differentiate(g, built['loss']!, [...weights.values()], {
    keeps: keptBy(g, 'fast'),
    isBoundary: (value) => g.costs.get(value) === 'boundary',
  });
  const gradientName = (name: string): string => `gradient ${name}`;
  const byName = [...weights.keys()].map((name, at) => [gradientName(name), gradients[at]!] as const);
  const session = await createSession(g.build({ ...Object.fromEntries(byName), ...built }), { threads });
  const optimizer = {
    ...{ beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay, maxGradientNorm: 1 },
    weightDecayOn: 'matrices' as const,
  };
  const update = await createUpdateInPlace(optimizer, layout.groups, { threads });
  const { state, step: done } = existsSync(options.checkpoint)
    ? readCheckpoint(options.checkpoint, layout)
    : { state: freshState(freshWeights(layout, seed)), step: 0 };
  const { parameters, average } = state;
  const gradient = new Float32Array(layout.total);
  const inputs = Object.fromEntries(layout.slots.map((slot) => [slot.name, view(parameters, slot)]));
  const into = Object.fromEntries(
    layout.slots.map((slot) => [gradientName(slot.name), view(gradient, slot)]),
  );
  for (let step = done; step < steps; step++) {
    const outputs = await session.run({ ...options.feeds(step), ...inputs }, into);
    const rate = learningRateAt(step, { schedule: 'cosine', warmupSteps, steps, learningRate });
    await update.run(state, gradient, {
      gradientNorm: normOf(gradient),
      learningRate: rate,
      count: step + 1,
    });
    // Early weights are forgotten sooner.
    const decay = Math.min(averageDecay, (step + 1) / (step + 10));
    for (let at = 0; at < average.length; at++)
      average[at] = decay * average[at]! + (1 - decay) * parameters[at]!;
    options.onStep(step + 1, Object.fromEntries(Object.keys(built).map((name) => [name, outputs[name]!])));
    if ((step + 1) % options.checkpointSteps !== 0 && step + 1 !== steps) continue;
    writeCheckpoint(options.checkpoint, layout, state, step + 1);
    await options.onCheckpoint?.({ weights: average, layout });
  }
  await update.release();
  await session.release();
  return { weights: average, layout };
};
