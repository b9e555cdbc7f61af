import type { AdapterDescription } from '../adapters/description/adapter-description.ts';
import { layerAdapter } from '../adapters/layer/layer-adapter.ts';
import type { MemoryMode } from '../autodiff/memory-mode.ts';
import type { Graph } from '../graph/graph.ts';
import type { LinearLayer } from '../models/architecture.ts';
import type { Model } from '../models/model.ts';
import { baseInputs, sideNames } from '../train/model/base-inputs.ts';
import { sides, singleFactor } from '../train/step/layer-fold.ts';
import { objectiveOf } from '../objectives/index.ts';
import { nativeRuntime } from '../runtime/native-runtime.ts';
import type { BatchSize, DrawnSize } from '../objectives/objective.ts';
import { evaluationGraph } from '../train/model/loss-graph.ts';
import { trainedLayout, type TrainedModel } from '../train/model/trained-model.ts';
import type { Extents } from '../graph/dimension.ts';
import { peakOf } from './peak.ts';
import { stepGraphs } from './step-graphs.ts';
import { planRun, type Allocation } from './plan-run.ts';
import type { SamplingMemory } from './sampling.ts';

/** Bytes of a trainer process at its highest, by what they are for. */
export interface MemoryEstimate {
  /** The base model. Float32 files are mapped as they are; others are mapped and widened by each session. */
  readonly weights: number;
  /** Values between a graph's operators, and what kernels work with. */
  readonly activations: number;
  /** Adapter, parameters, both moments, gradient. */
  readonly state: number;
  /** Node, ONNX Runtime and the compiled graphs. */
  readonly process: number;
  readonly total: number;
  /**
   * What the system shows as the process's highest resident memory. During an evaluation two sessions map the weights, and
   * each page counts twice there, though it is in memory once.
   */
  readonly resident: number;
}

export interface EstimateOptions {
  readonly model: Model;
  readonly description: AdapterDescription;
  readonly layers: readonly LinearLayer[];
  /** Names of base weights that are trained whole. */
  readonly trainedWeights: readonly string[];
  readonly batchSize: number;
  readonly sequenceLength: number;
  /** Of a model that draws pictures: `sequenceLength` then is the places of its largest latent. */
  readonly drawn?: DrawnSize | undefined;
  /** Scored rows of a micro-batch; every position but the first of each row where not known. */
  readonly labels?: number;
  readonly memory: MemoryMode;
  /** Of a step. */
  readonly microBatches: number;
  /** What writing samples takes; absent where the run writes none. */
  readonly sampling?: SamplingMemory;
}

const mebibyte = 2 ** 20;
/** Node, ONNX Runtime and both heaps once unused pages are given back; and what a compiled node takes, as of the 2993 of SmolLM2-135M with LoRA r 16. */
const processBase = 140 * mebibyte;
export const processPerNode = 19 * 1024;

/**
 * An arena splits no block below a factor of two, and what it has in huge pages counts whole. Fitted on the shapes of test/bench/memory.ts, both memory
 * modes.
 */
export const arenaBytes = (plan: readonly Allocation[]): number => 24 * mebibyte + grownBytes(plan);

/** The same of a session beside another: what the first has is shared. */
const grownBytes = (plan: readonly Allocation[]): number => 1.05 * peakOf(plan);

/** Of the base model's files, as far as a graph reads them in place. Weights in 16 bits are widened when they are needed, in the plan. */
export const mappedBytes = ({ initializers }: Graph): number =>
  initializers.reduce((sum, { source }) => sum + (source.kind === 'file' ? source.length : 0), 0);

/**
 * The peak memory of a run, by playing its graphs' plans: no weight is read. The steps are one phase and evaluation another: both
 * sessions exist in the second, and the arena is as large as the steps have left it. A run that writes samples does so in a third, when evaluation's
 * session is gone. Calibration runs the forward pass alone, before the others exist, and stays below it.
 */
export const estimateMemory = (options: EstimateOptions): MemoryEstimate => {
  const { model, description, layers, batchSize, sequenceLength, microBatches, memory } = options;
  // Shapes are all that is looked at, so the factors have no numbers here.
  const values = { get: () => new Float32Array() };
  const trained: TrainedModel = {
    model,
    adapter: { description, layers, values },
    trainedWeights: options.trainedWeights,
  };
  const layout = trainedLayout(trained);
  const labels = options.labels ?? batchSize * (sequenceLength - 1);
  const limits = { positions: sequenceLength, labels };
  const { architecture } = model;
  const extents: Extents = objectiveOf(architecture).extents(sizeOf(options), {
    labels,
    outputs: architecture.outputs,
  });
  const [{ graph: gradient }, ...others] = stepGraphs(trained, { ...limits, memory, microBatches, extents });
  const evaluation = evaluationGraph(trained, limits);

  const inputs = baseInputs(trained);
  const bytesOfInputs = (chosen: typeof inputs): number =>
    chosen.reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
  // onnxruntime-node copies what comes back, the addon's sessions don't: then frozen inputs alone have memory that is counted nowhere else.
  const given = bytesOfInputs(nativeRuntime() ? inputs.filter(({ trained }) => !trained) : inputs);
  // Sides that are one trained factor are views of the parameters; others have a place of their own, and their gradients too.
  const products = 2 * bytesOfInputs(productInputs(inputs, description, layers));
  // Parameters, two moments, a gradient (a micro-batch's too where several add up).
  const vectors = 4 + (microBatches > 1 ? 1 : 0);

  const mapped = mappedBytes(gradient);
  const steps = {
    weights: mapped,
    activations:
      arenaBytes(planRun(gradient, extents)) +
      sum(others.map(({ graph, extents: own }) => grownBytes(planRun(graph, own)))),
    state: vectors * 4 * layout.total + products + given,
    process:
      processBase +
      processPerNode * (gradient.nodes.length + sum(others.map(({ graph }) => graph.nodes.length))),
  };
  const evaluating = {
    ...steps,
    activations: steps.activations + peakOf(planRun(evaluation, extents)),
    process: steps.process + processPerNode * evaluation.nodes.length,
  };
  const { sampling } = options;
  const writing = sampling && {
    weights: steps.weights + sampling.weights,
    activations: steps.activations + sampling.activations,
    state: steps.state + sampling.state,
    process: steps.process + processPerNode * sampling.nodes,
  };
  const highest = writing && sumOf(writing) > sumOf(evaluating) ? writing : evaluating;
  const total = sumOf(highest);
  const mappedAgain = sum(others.map(({ graph }) => mappedBytes(graph)));
  return { ...highest, total, resident: total + mapped + mappedAgain };
};

const sizeOf = ({ batchSize, sequenceLength, drawn }: EstimateOptions): BatchSize => ({
  batchSize,
  sequenceLength,
  ...(drawn && { drawn }),
});

/** Those of sides that are products of several factors. */
const productInputs = (
  inputs: ReturnType<typeof baseInputs>,
  description: AdapterDescription,
  layers: readonly LinearLayer[],
): ReturnType<typeof baseInputs> => {
  const names = new Set<string>(
    layers.flatMap((layer) => {
      const adapter = layerAdapter(description, layer);
      return sides
        .filter((side) => !singleFactor(adapter[side]))
        .map((side) => sideNames(layer.module)[side]);
    }),
  );
  return inputs.filter(({ name }) => names.has(name));
};

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const sumOf = (parts: Readonly<Record<string, number>>): number => sum(Object.values(parts));
