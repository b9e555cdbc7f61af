import type { AdapterDescription } from '../adapters/adapter-description.ts';
import { allFactors, factorChain, factorKey } from '../adapters/factors.ts';
import type { Graph } from '../graph/graph.ts';
import type { LinearLayer } from '../models/architecture.ts';
import type { Model } from '../models/model.ts';
import { adamWGraph, type AdamWSettings } from '../optim/adamw.ts';
import { labelExtents } from '../train/label-chunks.ts';
import { evaluationGraph, gradientGraph, type MemoryMode } from '../train/loss-graph.ts';
import { updateBlock } from '../train/optimizer.ts';
import { trainedLayout, type TrainedModel } from '../train/trained-model.ts';
import { bytesOf, elementsOf, type Extents } from './extents.ts';
import { peakOf } from './peak.ts';
import { planRun, type Allocation } from './plan-run.ts';

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
  readonly optimizer: AdamWSettings;
  readonly batchSize: number;
  readonly sequenceLength: number;
  /** Labelled tokens of a micro-batch; every position but the first of each row where not known. */
  readonly labels?: number;
  readonly memory: MemoryMode;
  readonly accumulate: boolean;
}

const mebibyte = 2 ** 20;
/**
 * Fitted on SmolLM2-135M, LoRA r 16 (6920 nodes): resident before the first graph 99 MiB and 113 MiB once it is described,
 * without the adapter; compiling took another 130 MiB.
 */
const processBase = 113 * mebibyte;
const processPerNode = 19 * 1024;

/**
 * What the heap holds beyond the blocks in it: holes that fit nothing. Fitted under the allocator settings that trainers are
 * started with, on Linux: 1.09 to 1.23 of the plan's peak over the shapes of test/bench/memory.ts.
 */
const heapSlack = 1.15;
/** Blocks above this are mapped one by one and go back when they are freed; smaller ones keep the heap as large as it was. */
const mappedAlone = 32 * mebibyte;

/** Mapped bytes of the base model, and the float32 copy that a session makes of what is not float32. */
const weightBytes = ({ initializers }: Graph): { mapped: number; widened: number } => {
  let [mapped, widened] = [0, 0];
  for (const { source, value } of initializers) {
    if (source.kind !== 'file') continue;
    mapped += source.length;
    if (value.dataType !== 'float32') widened += 4 * elementsOf(value.shape, {});
  }
  return { mapped, widened };
};

const inlineBytes = ({ initializers }: Graph): number =>
  initializers.reduce(
    (sum, { source, value }) => sum + (source.kind === 'inline' ? bytesOf(value, {}) : 0),
    0,
  );

/**
 * The peak memory of a run, by playing its graphs' plans: no weight is read. The steps are one phase and evaluation another: both
 * sessions exist in the second, and the heap is as large as the steps have left it. Calibration runs the forward pass alone, before the others exist, and stays below it.
 */
export const estimateMemory = (options: EstimateOptions): MemoryEstimate => {
  const { model, description, layers, optimizer, batchSize, sequenceLength, accumulate, memory } = options;
  const factors = layers.flatMap((layer) =>
    allFactors(factorChain(description, layer)).map((factor) => ({ layer, factor })),
  );
  // Shapes are all that is looked at, so the factors have no numbers here.
  const values = new Map(
    factors.map(({ layer, factor }) => [factorKey(layer.module, factor), new Float32Array()]),
  );
  const trained: TrainedModel = {
    model,
    adapter: { description, layers, values },
    trainedWeights: [],
  };
  const layout = trainedLayout(trained);
  const labels = options.labels ?? batchSize * (sequenceLength - 1);
  const limits = { positions: sequenceLength, labels };
  const extents: Extents = {
    batch: batchSize,
    sequence: sequenceLength,
    ...labelExtents(labels, labels, model.architecture.vocabularySize),
  };
  const gradient = gradientGraph(trained, { ...limits, memory });
  const evaluation = evaluationGraph(trained, limits);

  const { mapped, widened } = weightBytes(gradient);
  const factorBytes = factors.reduce((sum, { factor: { rows, columns } }) => sum + 4 * rows * columns, 0);
  // The adapter as it started; the frozen factors in the session; parameters, two moments and a gradient.
  const held = factorBytes + inlineBytes(gradient) + (4 + (accumulate ? 1 : 0)) * 4 * layout.total;
  const update = peakOf(planRun(adamWGraph(optimizer), { size: Math.min(layout.total, updateBlock) }));

  const process = (nodes: number): number => processBase + processPerNode * nodes;
  const stepPlan = planRun(gradient, extents);
  const steps = {
    weights: mapped + widened,
    activations: heapSlack * Math.max(peakOf(stepPlan), update),
    state: held,
    process: process(gradient.nodes.length),
  };
  const evaluationPlan = planRun(evaluation, extents);
  const small = (plan: readonly Allocation[]): number =>
    peakOf(plan.filter(({ bytes }) => bytes <= mappedAlone));
  const large = (plan: readonly Allocation[]): number =>
    peakOf(plan.filter(({ bytes }) => bytes > mappedAlone));
  const evaluating = {
    weights: mapped + 2 * widened,
    activations: heapSlack * Math.max(small(stepPlan), small(evaluationPlan)) + large(evaluationPlan),
    state: held,
    process: process(gradient.nodes.length + evaluation.nodes.length),
  };
  const [stepsTotal, evaluatingTotal] = [sumOf(steps), sumOf(evaluating)];
  return {
    ...(evaluatingTotal > stepsTotal
      ? { ...evaluating, total: evaluatingTotal }
      : { ...steps, total: stepsTotal }),
    resident: Math.max(stepsTotal, evaluatingTotal + mapped),
  };
};

const sumOf = (parts: Readonly<Record<string, number>>): number =>
  Object.values(parts).reduce((sum, part) => sum + part, 0);
