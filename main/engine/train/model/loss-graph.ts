import { differentiate } from '../../autodiff/differentiate.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import { createGraphBuilder } from '../../graph/create-graph-builder.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import type { ForwardResult } from '../../models/architecture.ts';
import type { ParameterLayout } from '../../optim/parameter-layout.ts';
import { baseInputs, gradientOf, scalingsOf } from './base-inputs.ts';
import { foldParameters } from './fold-graphs.ts';
import { labelChunks, labelInputs } from '../batch/label-chunks.ts';
import { createNoise, type TrainingNoise } from '../batch/noise.ts';
import { buildTrainedForward } from './trained-forward.ts';
import type { TrainedModel } from './trained-model.ts';

/** What a loss graph must know of its batches. */
export interface BatchLimits {
  /** Position ids stay below this. */
  readonly positions: number;
  /** Labelled tokens of a batch at most. */
  readonly labels: number;
}

/**
 * Cross entropy with a share of the target spread evenly over all K classes: (1 - smoothing) nll + smoothing mean_k(-log p_k), as
 * torch has it. With -log p_k = nll + logit_target - logit_k that is nll + smoothing (logit_target - mean_k logit_k).
 */
const smoothed = (
  g: GraphBuilder,
  losses: Value,
  [logits, targets]: [Value, Value],
  smoothing: number,
): Value => {
  if (smoothing === 0) return losses;
  const ofTarget = g.gatherElements(logits, g.reshape(targets, [...targets.shape, 1]));
  const above = g.subtract(ofTarget, g.mean(logits, [-1]));
  return g.add(losses, g.multiply(g.reshape(above, targets.shape), smoothing));
};

/** Per row the loss, and its derivative by the row's logits: p - (1 - smoothing) onehot(target) - smoothing / K. */
const lossAndSlope = (g: GraphBuilder, logits: Value, targets: Value, smoothing: number): [Value, Value] => {
  const { losses, logProbabilities } = g.apply('crossEntropy', { logits, targets }, {});
  const column = [...targets.shape, 1];
  const probabilities = g.exponential(logProbabilities);
  const spread = smoothing / (logits.shape.at(-1) as number);
  return [
    smoothed(g, losses, [logits, targets], smoothing),
    g.scatterElements(
      smoothing === 0 ? probabilities : g.subtract(probabilities, spread),
      g.reshape(targets, column),
      g.expand(smoothing - 1, column),
    ),
  ];
};

/**
 * Cross entropy summed over the labelled rows. The head is computed at those rows only, and a chunk of them at a time, each
 * differentiated at once: logits over a large vocabulary dwarf everything else. A head that is trained takes the long way, which
 * has a gradient for it.
 */
export const summedLoss = (
  g: GraphBuilder,
  { hidden, head }: ForwardResult,
  {
    chunks,
    gradient,
    smoothing = 0,
    onLogits = () => undefined,
  }: {
    chunks: number;
    gradient: boolean;
    smoothing?: number;
    onLogits?: (name: string, logits: Value) => void;
  },
): Value => {
  let before: Value | undefined;
  const sums = Array.from({ length: chunks }, (_, chunk) => {
    const { rows, targets, extent, logits: name } = labelInputs(chunk);
    const picked = g.gatherRows(hidden, g.input(rows, 'int64', [extent]));
    const selected = before ? g.after(picked, [before]) : picked;
    const logits = head.logits(selected);
    onLogits(name, logits);
    const target = g.input(targets, 'int64', [extent]);
    if (!gradient || !head.frozen) {
      const plain = g.crossEntropy(logits, target);
      const losses = g.mark(smoothed(g, plain, [logits, target], smoothing), 'always');
      before = losses;
      return g.sum(losses, [0]);
    }
    const [losses, byLogits] = lossAndSlope(g, logits, target, smoothing);
    const [slope] = differentiate(g, logits, [selected], { seed: byLogits }) as [Value];
    before = g.mark(slope, 'always');
    return g.sum(g.mark(g.knownGradient(g.mark(losses, 'always'), selected, slope), 'always'), [0]);
  });
  return sums.reduce((a, b) => g.mark(g.add(a, b), 'always'));
};

const chunksOf = ({ model }: TrainedModel, { labels }: BatchLimits): number =>
  labelChunks(labels, model.architecture.outputs).count;

/** In a graph: the base inputs as inputs of the graph, the forward pass on them, and those that are trained, in order. */
const forwardOfInputs = (
  g: GraphBuilder,
  trained: TrainedModel,
  positions: number,
  training: TrainingNoise | null = null,
): { forward: ForwardResult; inputs: Map<string, Value> } => {
  const declared = baseInputs(trained).map((input) => ({
    ...input,
    value: g.input(input.name, 'float32', input.shape),
  }));
  const folded = new Map(declared.map(({ name, value }) => [name, value]));
  const scalings = new Map(
    scalingsOf(trained.adapter).values.map(({ name }) => [name, g.input(name, 'float32', [])]),
  );
  const scaling = (name: string): Value => scalings.get(name) as Value;
  const forward = buildTrainedForward(g, trained, { folded, scaling }, positions, training);
  const changing = declared.filter((input) => input.trained);
  return { forward, inputs: new Map(changing.map(({ name, value }) => [name, value])) };
};

/**
 * Inputs: the token inputs, the labels (`labelInputs`), the base inputs, the scalings. Outputs: loss (1), the sum over the labelled
 * rows, and a classifier's logits there, in chunks.
 */
export const evaluationGraph = (trained: TrainedModel, limits: BatchLimits): Graph => {
  const g = createGraphBuilder();
  const { forward } = forwardOfInputs(g, trained, limits.positions);
  const isClassifier = trained.model.architecture.task === 'sequence-classification';
  const logits: Record<string, Value> = {};
  const loss = summedLoss(g, forward, {
    chunks: chunksOf(trained, limits),
    gradient: false,
    onLogits: (name, value) => isClassifier && (logits[name] = value),
  });
  return g.build({ ...logits, loss });
};

export interface GradientOptions extends BatchLimits {
  /** Share of each target that is spread over all classes; 0 where absent. */
  readonly labelSmoothing?: number | undefined;
  /** Strength of the noise on embeddings; 0 where absent. */
  readonly neftuneAlpha?: number | undefined;
  readonly memory: MemoryMode;
}

/**
 * What stays in memory for the backward pass. 'fast' keeps what a matrix product made and computes the rest again, which costs
 * little; 'low' keeps the borders of layers only, and computes each layer a second time.
 */
export type MemoryMode = 'fast' | 'low';

export const keptBy =
  ({ costs }: GraphBuilder, memory: MemoryMode) =>
  (value: Value): boolean => {
    const cost = costs.get(value);
    return cost === 'always' || cost === 'boundary' || (cost === 'costly' && memory === 'fast');
  };

/**
 * Inputs as for evaluation, loss_scale: a scalar that the summed loss is multiplied by (one over the labelled tokens of all
 * micro-batches of a step), and where there is dropout or noise, what `noiseTensors` gives. Outputs: loss (1), scaled, and the
 * gradients by the trained base inputs (`gradientOf` their names).
 */
export const gradientGraph = (
  trained: TrainedModel,
  { memory, labelSmoothing = 0, neftuneAlpha = 0, ...limits }: GradientOptions,
): Graph => {
  const g = createGraphBuilder();
  const { forward, inputs } = forwardOfInputs(g, trained, limits.positions, {
    noise: createNoise(g),
    neftuneAlpha,
  });
  const loss = g.multiply(
    summedLoss(g, forward, {
      chunks: chunksOf(trained, limits),
      gradient: true,
      smoothing: labelSmoothing,
    }),
    g.input('loss_scale', 'float32', []),
  );
  const gradients = differentiate(g, loss, [...inputs.values()], {
    keeps: keptBy(g, memory),
    isBorder: (value) => g.costs.get(value) === 'boundary',
  });
  const byName = [...inputs].map(([name, value], index): [string, Value] => [
    gradientOf(name),
    gradients[index] ?? g.expand(0, value.shape),
  ]);
  // The runtime computes backwards from the last output: with the loss there, gradients are made when they can be, not first.
  return g.build({ ...Object.fromEntries(byName), loss });
};

/**
 * Inputs: the token inputs and parameters. Output: logits (batch x sequence x vocabulary) at every position, or (batch x classes) of
 * the first tokens.
 */
export const logitsGraph = (trained: TrainedModel, layout: ParameterLayout, positions: number): Graph => {
  const g = createGraphBuilder();
  const { folded } = foldParameters(g, trained, layout);
  const values = new Map(scalingsOf(trained.adapter).values.map(({ name, value }) => [name, value]));
  const constants = new Map<string, Value>();
  const scaling = (name: string): Value => {
    const known = constants.get(name) ?? g.constant(name, [], Float32Array.of(values.get(name) as number));
    constants.set(name, known);
    return known;
  };
  const { hidden, head } = buildTrainedForward(g, trained, { folded, scaling }, positions);
  const { task, outputs } = trained.model.architecture;
  if (task === 'sequence-classification') {
    const rows = g.input('first_tokens', 'int64', ['batch']);
    return g.build({ logits: head.logits(g.gatherRows(hidden, rows)) });
  }
  const logits = head.logits(hidden);
  return g.build({ logits: g.reshape(logits, ['batch', 'sequence', outputs]) });
};
