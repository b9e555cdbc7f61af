import type { Batch } from '../data/batches/batches.ts';
import type { AdamWSettings } from '../optim/adamw.ts';
import type { ParameterLayout } from '../optim/parameter-layout.ts';
import type { DeviceName } from '../runtime/device-names.ts';
import { dispose } from '../runtime/placement.ts';
import { addTraffic, createSession, type Tensor, type Traffic } from '../runtime/session.ts';
import { countCorrect } from './accuracy.ts';
import type { StateVectors } from './arm/arm.ts';
import { createArm } from './arm/create-arm.ts';
import { lossTensors, scalarTensor } from './batch/batch-inputs.ts';
import { baseInputs, scalingsOf, type BaseInputs } from './model/base-inputs.ts';
import { createBaseStep, type BaseStep } from './step/base-step.ts';
import { evaluationGraph, type BatchLimits, type MemoryMode } from './model/loss-graph.ts';
import { labelChunks, labelInputs } from './batch/label-chunks.ts';
import { initialParameters, trainedLayout, type TrainedModel } from './model/trained-model.ts';

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
}

/** What a model does on data that it is not trained on. */
export interface Evaluation {
  /** Mean over the labelled tokens, or the rows with a class. */
  readonly loss: number;
  /** Share of rows whose class was found; null for models that predict tokens. */
  readonly accuracy: number | null;
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
    batches: Iterable<Batch>,
    onBatch?: (done: number) => Promise<void> | void,
  ) => Promise<Evaluation>;
  readonly release: () => Promise<void>;
}

export interface TrainerOptions extends TrainedModel, BatchLimits {
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
  /** Writes ONNX Runtime's profiles of the steps to files of this prefix on release. */
  readonly profile?: string;
  /** Goes on from here, bit for bit. */
  readonly from?: TrainerState;
}

type Tensors = Readonly<Record<string, Tensor>>;

const only = ({ data }: { data: Float32Array | BigInt64Array }): number => Number(data[0]);

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

/** Compiles the graphs of a run and keeps its state, on the device where it can stay there. */
export const createTrainer = async (options: TrainerOptions): Promise<Trainer> => {
  const { positions, labels, gradientAccumulation, threads, device = 'cpu', optimizer } = options;
  const { noiseSeed = 0 } = options;
  const layout = trainedLayout(options);
  const base = options.base ?? (await createBaseStep({ ...options, device }));
  const scalings = scalingsOf(options.adapter);
  const asked = [baseInputs(options), scalings.nameOf];
  if (JSON.stringify([base.inputs, base.scalings]) !== JSON.stringify(asked))
    throw new Error('arms of other targets or ranks cannot share a base');
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
    ...(options.profile === undefined ? {} : { profile: options.profile }),
  });
  let { step: done } = start;

  const scalars = Object.fromEntries(scalings.values.map(({ name, value }) => [name, scalarTensor(value)]));
  /** What the base takes; `disposeAll` when it is done with. */
  const foldedNow = async (): Promise<BaseInputs> => ({
    ...(await arm.fold()),
    ...scalars,
  });

  const step = async (batches: readonly Batch[], learningRate: number): Promise<StepResult> => {
    const tokens = batches.reduce((sum, { labelRows }) => sum + labelRows.length, 0);
    const folded = await foldedNow();
    let loss = 0;
    for (const [index, batch] of batches.entries()) {
      const result = await base.run({
        batch,
        folded,
        lossScale: 1 / tokens,
        noise: { seed: noiseSeed, stream: done * gradientAccumulation + index },
        into: arm.gradientBuffers,
      });
      await arm.collect(result.gradients);
      disposeAll(result.gradients);
      loss += result.loss;
    }
    disposeAll(folded);
    const gradientNorm = await arm.update(learningRate, done + 1);
    done++;
    return { loss, gradientNorm };
  };

  const evaluate: Trainer['evaluate'] = async (batches, onBatch) => {
    // Only for as long as it takes: it holds the weights a second time wherever they are not float32 on the disk.
    const session = await createSession(evaluationGraph(options, { positions, labels }), {
      threads,
      device,
    });
    const { task, outputs: classes } = options.model.architecture;
    const isClassifier = task === 'sequence-classification';
    const chunks = labelChunks(labels, classes);
    const correctOf = (outputs: Tensors, inputs: Tensors): number =>
      Array.from({ length: chunks.count }, (_, chunk) => labelInputs(chunk))
        .filter(({ targets }) => inputs[targets]!.data.length > 0)
        .reduce((sum, { logits, targets }) => {
          const scores = outputs[logits]!.data as Float32Array;
          return sum + countCorrect(scores, inputs[targets]!.data as BigInt64Array);
        }, 0);
    const folded = await foldedNow();
    let [loss, tokens, correct, count] = [0, 0, 0, 0];
    try {
      for (const batch of batches) {
        const inputs = lossTensors(batch, chunks);
        const outputs = await session.run({ ...inputs, ...folded });
        loss += only(outputs['loss']!);
        tokens += batch.labelRows.length;
        if (isClassifier) correct += correctOf(outputs, inputs);
        await onBatch?.(++count);
      }
    } finally {
      disposeAll(folded);
      await session.release();
    }
    return { loss: loss / tokens, accuracy: isClassifier ? correct / tokens : null };
  };

  const holders = [...(options.base ? [] : [base]), arm];
  return {
    layout,
    stepsDone: () => done,
    state: async () => ({ step: done, ...(await arm.state()) }),
    traffic: () => holders.map((holder) => holder.traffic()).reduce(addTraffic),
    step,
    evaluate,
    release: async () => {
      for (const holder of holders) await holder.release();
    },
  };
};
