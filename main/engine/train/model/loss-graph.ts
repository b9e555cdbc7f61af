import { differentiate } from '../../autodiff/differentiate.ts';
import { keptBy, type MemoryMode } from '../../autodiff/memory-mode.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import { createGraphBuilder } from '../../graph/create-graph-builder.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import type { ForwardResult } from '../../models/architecture.ts';
import { objectiveOf } from '../../objectives/index.ts';
import type { Comparison, LossSize } from '../../objectives/objective.ts';
import type { ParameterLayout } from '../../optim/parameter-layout.ts';
import { baseInputs, gradientOf, scalingsOf } from './base-inputs.ts';
import { comparedRows, slopedLoss } from './comparison-graphs.ts';
import { foldParameters } from './fold-graphs.ts';
import { createNoise, type TrainingNoise } from '../batch/noise.ts';
import { buildTrainedForward } from './trained-forward.ts';
import type { TrainedModel } from './trained-model.ts';

/** What a loss graph must know of its batches. */
export interface BatchLimits {
  /** Position ids stay below this. */
  readonly positions: number;
  /** Scored rows of a batch at most: tokens with a target, or whole rows. */
  readonly labels: number;
  /** Whether texts that begin alike branch in a row (`TokenInputs.lastSegments`). */
  readonly branching?: boolean;
}

/** What of the objective's loss a graph is made for. */
const lossOptions = ({ model }: TrainedModel, { labels }: BatchLimits): LossSize => ({
  labels,
  outputs: model.architecture.outputs,
});

/** In a graph: the base inputs as inputs of the graph, the forward pass on them, and those that are trained, in order. */
const forwardOfInputs = (
  g: GraphBuilder,
  trained: TrainedModel,
  { positions, branching = false }: BatchLimits,
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
  const forward = buildTrainedForward(g, trained, { folded, scaling }, { positions, branching }, training);
  const changing = declared.filter((input) => input.trained);
  return { forward, inputs: new Map(changing.map(({ name, value }) => [name, value])) };
};

/**
 * Inputs: what the objective feeds of a batch, the base inputs, the scalings. Outputs: loss (1), as the objective has it of a batch, and
 * what else it measures.
 */
export const evaluationGraph = (trained: TrainedModel, limits: BatchLimits): Graph => {
  const g = createGraphBuilder();
  const { forward } = forwardOfInputs(g, trained, limits);
  const { loss, outputs } = g.within('loss', () =>
    objectiveOf(trained.model.architecture).loss(g, forward, {
      ...lossOptions(trained, limits),
      gradient: false,
    }),
  );
  return g.build({ ...outputs, loss });
};

/** The rows of a forward pass that something is made of, as evaluation computes them. Inputs: what the model takes of a batch, the base inputs, the scalings. */
export const rowsGraph = (
  trained: TrainedModel,
  limits: BatchLimits,
  comparison: Pick<Comparison, 'rows'>,
): Graph => {
  const g = createGraphBuilder();
  return g.build(comparedRows(comparison, forwardOfInputs(g, trained, limits).forward));
};

/**
 * What of a micro-batch is compared with others, as training computes it. Inputs: what the model takes of a batch, the base inputs, the
 * scalings, and where there is dropout or noise, what `noiseTensors` gives.
 */
export const comparedGraph = (
  trained: TrainedModel,
  { neftuneAlpha = 0, ...limits }: BatchLimits & Pick<GradientOptions, 'neftuneAlpha'>,
  comparison: Pick<Comparison, 'rows'>,
): Graph => {
  const g = createGraphBuilder();
  const { forward } = forwardOfInputs(g, trained, limits, { noise: createNoise(g), neftuneAlpha });
  return g.build(comparedRows(comparison, forward));
};

/** Inputs: what the objective's `scored` feeds of a batch, the base inputs, the scalings. Output: logits of every row that is scored there. */
export const scoresGraph = (trained: TrainedModel, { positions }: Pick<BatchLimits, 'positions'>): Graph => {
  const g = createGraphBuilder();
  const { forward } = forwardOfInputs(g, trained, { positions, labels: 1 });
  const { architecture } = trained.model;
  return g.build({ logits: objectiveOf(architecture).scored.logits(g, forward, architecture.outputs) });
};

export interface GradientOptions extends BatchLimits {
  /** Share of each target that is spread over all classes; 0 where absent. */
  readonly labelSmoothing?: number | undefined;
  /** Strength of the noise on embeddings; 0 where absent. */
  readonly neftuneAlpha?: number | undefined;
  readonly memory: MemoryMode;
  /** For steps whose loss compares the rows of several micro-batches: the graph takes the gradient by what is compared instead of targets. */
  readonly comparison?: Pick<Comparison, 'rows'> | null;
}

/**
 * Inputs as for evaluation, loss_scale: a scalar that the loss is multiplied by (the objective's `scales` over the
 * micro-batches of a step), and where there is dropout or noise, what `noiseTensors` gives. Outputs: loss (1), scaled, and the
 * gradients by the trained base inputs (`gradientOf` their names).
 */
export const gradientGraph = (
  trained: TrainedModel,
  { memory, labelSmoothing = 0, neftuneAlpha = 0, comparison = null, ...limits }: GradientOptions,
): Graph => {
  const g = createGraphBuilder();
  const { forward, inputs } = forwardOfInputs(g, trained, limits, {
    noise: createNoise(g),
    neftuneAlpha,
  });
  const ofBatch = (): Value =>
    objectiveOf(trained.model.architecture).loss(g, forward, {
      ...lossOptions(trained, limits),
      gradient: true,
      labelSmoothing,
    }).loss;
  const loss = g.within('loss', () => {
    const summed = comparison ? slopedLoss(g, comparison, forward) : ofBatch();
    return g.multiply(summed, g.input('loss_scale', 'float32', []));
  });
  const gradients = differentiate(g, loss, [...inputs.values()], {
    keeps: keptBy(g, memory),
    isBoundary: (value) => g.costs.get(value) === 'boundary',
  });
  const byName = [...inputs].map(([name, value], index): [string, Value] => [
    gradientOf(name),
    gradients[index] ?? g.expand(0, value.shape),
  ]);
  // The runtime computes backwards from the last output: with the loss there, gradients are made when they can be, not first.
  return g.build({ ...Object.fromEntries(byName), loss });
};

/** Inputs: what the objective's `scored` feeds of a batch, and parameters. Output: logits of every row that is scored there. */
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
  const forward = buildTrainedForward(g, trained, { folded, scaling }, { positions });
  const { architecture } = trained.model;
  return g.build({ logits: objectiveOf(architecture).scored.logits(g, forward, architecture.outputs) });
};
