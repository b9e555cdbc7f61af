import type { Batch } from '../data/batches.ts';
import type { AdamWSettings } from '../optim/adamw.ts';
import type { ParameterLayout } from '../optim/parameter-layout.ts';
import type { DeviceName } from '../runtime/device-names.ts';
import { devices } from '../runtime/devices.ts';
import { createPlacement, dispose } from '../runtime/placement.ts';
import { createSession, type Feed, type Traffic } from '../runtime/session.ts';
import { lossTensors, scalarTensor, vectorTensor } from './batch-inputs.ts';
import { evaluationGraph, gradientGraph, type BatchLimits, type MemoryMode } from './loss-graph.ts';
import { createOptimizer, type PlacedState } from './optimizer.ts';
import { labelChunks } from './label-chunks.ts';
import { initialParameters, trainedLayout, type TrainedModel } from './trained-model.ts';

/** All that changes from step to step. The three vectors are in the order of the layout. */
export interface TrainerState {
  /** Optimizer steps done. */
  readonly step: number;
  readonly parameters: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

export interface StepResult {
  /** Mean loss over the labelled tokens of the step's micro-batches, before the update. */
  readonly loss: number;
  /** Over all trained tensors, before clipping. */
  readonly gradientNorm: number;
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
  /** Mean loss over the labelled tokens of the batches; `onBatch` is told how many are done. */
  readonly evaluate: (
    batches: Iterable<Batch>,
    onBatch?: (done: number) => Promise<void> | void,
  ) => Promise<number>;
  readonly release: () => Promise<void>;
}

export interface TrainerOptions extends TrainedModel, BatchLimits {
  readonly optimizer: AdamWSettings;
  /** Micro-batches per step at most. */
  readonly gradientAccumulation: number;
  readonly threads: number | null;
  readonly memory: MemoryMode;
  /** Default 'cpu'. */
  readonly device?: DeviceName;
  /** Writes ONNX Runtime's profiles of the steps to files of this prefix on release. */
  readonly profile?: string;
  /** Goes on from here, bit for bit. */
  readonly from?: TrainerState;
}

const only = ({ data }: { data: Float32Array | BigInt64Array }): number => Number(data[0]);

const startState = (options: TrainerOptions, layout: ParameterLayout): TrainerState => ({
  step: 0,
  parameters: initialParameters(options, layout),
  firstMoment: new Float32Array(layout.total),
  secondMoment: new Float32Array(layout.total),
});

/** Compiles the graphs of a run and keeps its state, on the device where it can stay there. */
export const createTrainer = async (options: TrainerOptions): Promise<Trainer> => {
  const { positions, labels, gradientAccumulation, threads, memory, device = 'cpu' } = options;
  const profile = options.profile === undefined ? {} : { profile: options.profile };
  const layout = trainedLayout(options);
  const chunks = labelChunks(labels, options.model.architecture.vocabularySize);
  const accumulate = gradientAccumulation > 1;
  const gradientSession = await createSession(
    gradientGraph(options, layout, { positions, labels, accumulate, memory }),
    { threads, device, residentOutputs: ['gradient'], ...profile },
  );
  const optimizer = await createOptimizer(options.optimizer, { threads, device, ...profile });
  const placement = await createPlacement(layout.total, device);
  const start = options.from ?? startState(options, layout);
  let { step: done } = start;
  let state: PlacedState = {
    parameters: await placement.place(start.parameters),
    firstMoment: await placement.place(start.firstMoment),
    secondMoment: await placement.place(start.secondMoment),
  };
  const noGradient = accumulate ? await placement.place(new Float32Array(layout.total)) : undefined;

  // On a device the gradient is a new buffer each time; in main memory two take turns.
  const buffers = devices[device].resident
    ? []
    : Array.from({ length: accumulate ? 2 : 1 }, () => vectorTensor(new Float32Array(layout.total)));

  const gradientOf = async (batches: readonly Batch[]): Promise<StepResult & { gradient: Feed }> => {
    const tokens = batches.reduce((sum, { labelRows }) => sum + labelRows.length, 0);
    const shared = { parameters: state.parameters, loss_scale: scalarTensor(1 / tokens) };
    let [loss, gradientNorm] = [0, 0];
    let gradient = noGradient;
    for (const [index, batch] of batches.entries()) {
      const buffer = buffers[index % buffers.length];
      const { read, resident } = await gradientSession.runResident(
        { ...lossTensors(batch, chunks), ...shared, ...(gradient ? { accumulated: gradient } : {}) },
        buffer ? { gradient: buffer } : {},
      );
      loss += only(read['loss']!);
      gradientNorm = only(read['gradient_norm']!);
      if (gradient && gradient !== noGradient) dispose(gradient);
      gradient = resident['gradient'] ?? read['gradient'];
    }
    return { loss, gradientNorm, gradient: gradient as Feed };
  };

  const step = async (batches: readonly Batch[], learningRate: number): Promise<StepResult> => {
    const { loss, gradientNorm, gradient } = await gradientOf(batches);
    state = await optimizer.update({ state, gradient, gradientNorm, learningRate, count: done + 1 });
    done++;
    return { loss, gradientNorm };
  };

  const evaluate: Trainer['evaluate'] = async (batches, onBatch) => {
    // Only for as long as it takes: it holds the weights a second time wherever they are not float32 on the disk.
    const session = await createSession(evaluationGraph(options, layout, { positions, labels }), {
      threads,
      device,
    });
    let [loss, tokens, count] = [0, 0, 0];
    try {
      for (const batch of batches) {
        const outputs = await session.run({ ...lossTensors(batch, chunks), parameters: state.parameters });
        loss += only(outputs['loss']!);
        tokens += batch.labelRows.length;
        await onBatch?.(++count);
      }
    } finally {
      await session.release();
    }
    return loss / tokens;
  };

  const holders = [gradientSession, optimizer, placement];
  return {
    layout,
    stepsDone: () => done,
    state: async () => ({
      step: done,
      parameters: await placement.fetch(state.parameters),
      firstMoment: await placement.fetch(state.firstMoment),
      secondMoment: await placement.fetch(state.secondMoment),
    }),
    traffic: () =>
      holders
        .map((holder) => holder.traffic())
        .reduce((sum, { toDevice, fromDevice }) => ({
          toDevice: sum.toDevice + toDevice,
          fromDevice: sum.fromDevice + fromDevice,
        })),
    step,
    evaluate,
    release: async () => {
      for (const vector of Object.values(state)) dispose(vector);
      if (noGradient) dispose(noGradient);
      for (const holder of holders) await holder.release();
    },
  };
};
