import type { MemoryMode } from '../autodiff/memory-mode.ts';
import type { Batch } from '../data/batches/batch.ts';
import { WorkbenchError } from '../errors.ts';
import { objectiveOf } from '../objectives/index.ts';
import type { Metrics } from '../objectives/objective.ts';
import type { AdamWSettings } from '../optim/adamw.ts';
import type { ParameterLayout } from '../optim/parameter-layout.ts';
import { moduleOfWeight } from '../models/architecture.ts';
import type { DeviceName } from '../runtime/device-names.ts';
import { firstNotFinite } from '../runtime/first-not-finite.ts';
import { dispose } from '../runtime/placement.ts';
import { unwatched, type Profiler } from '../runtime/profile/profiler.ts';
import { addTraffic, type Traffic } from '../runtime/session.ts';
import type { Arm, StateVectors } from './arm/arm.ts';
import { createArm } from './arm/create-arm.ts';
import type { NoiseDraw } from './batch/noise.ts';
import { scalarTensor } from './batch/tensors.ts';
import { baseInputs, gradientOf, scalingsOf, type BaseInputs, type Scalings } from './model/base-inputs.ts';
import { evaluationGraph, type BatchLimits } from './model/loss-graph.ts';
import {
  initialParameters,
  trainedLayout,
  type ModuleRate,
  type TrainedModel,
} from './model/trained-model.ts';
import { createBaseStep, type BaseStep } from './step/base-step.ts';
import { evaluate } from './step/evaluate.ts';

/** All that changes from step to step. */
export interface TrainerState extends StateVectors {
  /** Optimizer steps done. */
  readonly step: number;
}

export interface StepResult {
  /** Mean loss over the labelled tokens of the step's micro-batches, before the update. */
  readonly loss: number;
  /** Over all trained tensors, before clipping. */
  readonly gradientNorm: number;
  /** Where loss or norm is no finite number, and that can be told: the first module whose output isn't, or whose gradient isn't. */
  readonly brokenAt?: string;
}

export interface Trainer {
  readonly layout: ParameterLayout;
  /** Optimizer steps done. */
  readonly stepsDone: () => number;
  /** Brings the state from the device where it lives there. */
  readonly state: () => Promise<TrainerState>;
  /** Bytes that the steps (not evaluations) have moved so far, the start and reading the state included. */
  readonly traffic: () => Traffic;
  /** One optimizer step over one or more micro-batches. */
  readonly step: (batches: readonly Batch[], learningRate: number) => Promise<StepResult>;
  /** Over all batches; `onBatch` is told how many are done. */
  readonly evaluate: (
    batches: Iterable<Batch> | AsyncIterable<Batch>,
    onBatch?: (done: number) => Promise<void> | void,
  ) => Promise<Metrics>;
  readonly release: () => Promise<void>;
}

export interface TrainerOptions extends TrainedModel, BatchLimits {
  /** null, or absent: one rate for all. */
  readonly moduleRate?: ModuleRate | null;
  /** Shared with other arms of the same base inputs; one of its own where absent. Not released with the trainer. */
  readonly base?: BaseStep;
  readonly optimizer: AdamWSettings;
  /** Optimizer steps of the whole run, for methods that plan with them. */
  readonly totalSteps?: number;
  /** Micro-batches per step at most. */
  readonly gradientAccumulation: number;
  readonly threads: number | null;
  readonly memory: MemoryMode;
  /** Share of each target that training spreads over all classes; evaluation does not. 0 where absent. */
  readonly labelSmoothing?: number | undefined;
  /** NEFTune's noise on the embeddings, in training only; 0 where absent. */
  readonly neftuneAlpha?: number | undefined;
  /** What dropout and noise are drawn from; 0 where absent. */
  readonly noiseSeed?: number;
  /** Default 'cpu'. */
  readonly device?: DeviceName;
  /** Watches the steps; nobody does where absent. */
  readonly profiler?: Profiler;
  /** Goes on from here, bit for bit. */
  readonly from?: TrainerState;
}

const disposeAll = (vectors: BaseInputs): void => Object.values(vectors).forEach(dispose);

const startState = (options: TrainerOptions, layout: ParameterLayout): TrainerState => ({
  step: 0,
  parameters: initialParameters(options, layout),
  firstMoment: new Float32Array(layout.total),
  secondMoment: new Float32Array(layout.total),
});

/** The arm changes the state in place. */
const ownCopy = ({
  step,
  parameters,
  firstMoment,
  secondMoment,
  rules = {},
}: TrainerState): TrainerState => ({
  step,
  rules: Object.fromEntries(Object.entries(rules).map(([name, vector]) => [name, vector.slice()])),
  parameters: parameters.slice(),
  firstMoment: firstMoment.slice(),
  secondMoment: secondMoment.slice(),
});

/** Whether a step's micro-batches have to be compared with each other. */
const needsComparison = ({ gradientAccumulation, model }: TrainerOptions): boolean =>
  gradientAccumulation > 1 && !objectiveOf(model.architecture).splits;

/** The base that the options bring, made for the same inputs, or one of the trainer's own. */
const baseOf = async (options: TrainerOptions): Promise<BaseStep> => {
  const { device = 'cpu', gradientAccumulation } = options;
  if (!options.base) return createBaseStep({ ...options, device, accumulates: gradientAccumulation > 1 });
  const { inputs, scalings } = options.base;
  const asked = [baseInputs(options), scalingsOf(options.adapter).nameOf];
  if (JSON.stringify([inputs, scalings]) !== JSON.stringify(asked))
    throw new Error('arms of other targets or ranks cannot share a base');
  if (needsComparison(options) && !options.base.compare)
    throw new Error('the base was compiled for steps of one batch');
  return options.base;
};

/** What the base takes of an arm, for as long as `use` takes. */
const withFolded =
  (arm: Arm, scalings: Scalings) =>
  async <T>(use: (folded: BaseInputs) => Promise<T>): Promise<T> => {
    const scalars = scalings.values.map(({ name, value }) => [name, scalarTensor(value)] as const);
    const folded = { ...(await arm.fold()), ...Object.fromEntries(scalars) };
    try {
      return await use(folded);
    } finally {
      disposeAll(folded);
    }
  };

/** The module of the first trained input whose gradient is no finite number; null where none of those in main memory is. */
const firstBrokenGradient = (options: TrainerOptions, gradients: BaseInputs): string | null => {
  const broken = baseInputs(options).find(({ name, trained }) => {
    const gradient = gradients[gradientOf(name)];
    return (
      trained && gradient && 'data' in gradient && !(gradient.data as Float32Array).every(Number.isFinite)
    );
  });
  return broken === undefined ? null : moduleOfWeight(broken.name);
};

/** Compiles the graphs of a run and keeps its state, on the device where it can stay there. */
export const createTrainer = async (options: TrainerOptions): Promise<Trainer> => {
  const { gradientAccumulation, threads, device = 'cpu', optimizer, noiseSeed = 0 } = options;
  const { profiler = unwatched } = options;
  const objective = objectiveOf(options.model.architecture);
  if (needsComparison(options) && !objective.comparison)
    throw new WorkbenchError(
      'unsupported',
      'training.gradientAccumulation: the loss compares the rows of a step with each other, so they have to be one batch; set it to 1',
    );
  const layout = trainedLayout(options, options.moduleRate);
  const base = await baseOf(options);
  const start = options.from ? ownCopy(options.from) : startState(options, layout);
  const arm = await createArm({
    trained: options,
    layout,
    start,
    optimizer,
    totalSteps: options.totalSteps ?? null,
    accumulate: gradientAccumulation > 1,
    threads,
    device,
    profiler,
  });
  const whileFolded = withFolded(arm, scalingsOf(options.adapter));
  let { step: done } = start;

  /** Of the last micro-batch, where they are in main memory. */
  let last: BaseInputs = {};
  const collectFrom = async (gradients: BaseInputs): Promise<void> => {
    await arm.collect(gradients);
    last = gradients;
    disposeAll(gradients);
  };

  /** The loss of a step's batches; their gradients go to the arm. */
  const collect = async (batches: readonly Batch[], folded: BaseInputs): Promise<number> => {
    const noise = (index: number): NoiseDraw => ({
      seed: noiseSeed,
      stream: done * gradientAccumulation + index,
    });
    const compared = base.compare && (await base.compare({ batches, folded, noise }));
    const texts = base.texts && (await base.texts({ batch: batches[0]!, folded, noise: noise(0) }));
    const scales = compared ? batches.map(() => 1) : objective.scales(batches);
    let loss = 0;
    for (const [index, batch] of batches.entries()) {
      const result = await base.run({
        batch,
        folded,
        lossScale: scales[index] as number,
        noise: noise(index),
        into: arm.gradientBuffers,
        slopes: compared?.slopes[index],
        texts: texts ?? undefined,
      });
      await collectFrom(result.gradients);
      loss += result.loss;
    }
    if (texts) await collectFrom(await texts.gradients(arm.gradientBuffers));
    return compared?.loss ?? loss;
  };

  /** The first module whose output is no finite number. The weights are still those that gave it. */
  const locate = async (batches: readonly Batch[], folded: BaseInputs): Promise<string | null> => {
    const graph = evaluationGraph(options, options);
    const taken = new Set(graph.inputs.map(({ name }) => name));
    const size = { labels: options.labels, outputs: options.model.architecture.outputs };
    const modules = new Set([...options.model.weightShapes.keys()].map(moduleOfWeight));
    for (const batch of batches) {
      const given = Object.entries({ ...objective.feeds(batch, size), ...folded });
      const feeds = Object.fromEntries(given.filter(([name]) => taken.has(name)));
      const module = await firstNotFinite(graph, feeds, { threads, device }, (name) => modules.has(name));
      if (module !== null) return module;
    }
    return null;
  };

  const holders = [...(options.base ? [] : [base]), arm];
  return {
    layout,
    stepsDone: () => done,
    state: async () => ({ step: done, ...(await arm.state()) }),
    traffic: () => holders.map((holder) => holder.traffic()).reduce(addTraffic),
    step: async (batches, learningRate) => {
      const loss = await whileFolded((folded) => collect(batches, folded));
      const inOutputs = Number.isFinite(loss) ? null : await whileFolded((folded) => locate(batches, folded));
      const gradientNorm = await arm.update(learningRate, done + 1);
      done++;
      const brokenAt =
        inOutputs ?? (Number.isFinite(gradientNorm) ? null : firstBrokenGradient(options, last));
      return { loss, gradientNorm, ...(brokenAt !== null && { brokenAt }) };
    },
    evaluate: (batches, onBatch) =>
      whileFolded((folded) => evaluate({ ...options, device }, folded, batches, onBatch)),
    release: async () => {
      for (const holder of holders) await holder.release();
    },
  };
};
