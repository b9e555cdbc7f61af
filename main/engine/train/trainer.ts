import type { Batch } from '../data/batches.ts';
import type { AdamWSettings } from '../optim/adamw.ts';
import type { ParameterLayout } from '../optim/parameter-layout.ts';
import type { DeviceName } from '../runtime/device-names.ts';
import { devices } from '../runtime/devices.ts';
import { createPlacement, dispose } from '../runtime/placement.ts';
import { createSession, type Feed, type Traffic } from '../runtime/session.ts';
import { lossTensors, scalarTensor, vectorTensor } from './batch-inputs.ts';
import { baseInputs, scalingInput, type BaseInputs } from './base-inputs.ts';
import { createBaseStep, mainMemoryFor, type BaseStep } from './base-step.ts';
import { foldGraph, pullbackGraph } from './fold-graphs.ts';
import { evaluationGraph, type BatchLimits, type MemoryMode } from './loss-graph.ts';
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
  /** Shared with other arms of the same base inputs; one of its own where absent. Not released with the trainer. */
  readonly base?: BaseStep;
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

const disposeAll = (vectors: BaseInputs): void => Object.values(vectors).forEach(dispose);

const startState = (options: TrainerOptions, layout: ParameterLayout): TrainerState => ({
  step: 0,
  parameters: initialParameters(options, layout),
  firstMoment: new Float32Array(layout.total),
  secondMoment: new Float32Array(layout.total),
});

/** The state is changed in place. */
const ownCopy = ({ step, parameters, firstMoment, secondMoment }: TrainerState): TrainerState => ({
  step,
  parameters: parameters.slice(),
  firstMoment: firstMoment.slice(),
  secondMoment: secondMoment.slice(),
});

/** Compiles the graphs of a run and keeps its state, on the device where it can stay there. */
export const createTrainer = async (options: TrainerOptions): Promise<Trainer> => {
  const { positions, labels, gradientAccumulation, threads, device = 'cpu' } = options;
  const onDevice = {
    threads,
    device,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
  };
  const layout = trainedLayout(options);
  const inputs = baseInputs(options);
  const accumulate = gradientAccumulation > 1;
  const base = options.base ?? (await createBaseStep({ ...options, device }));
  if (JSON.stringify(base.inputs) !== JSON.stringify(inputs))
    throw new Error('arms of other targets or ranks cannot share a base');
  const fold = await createSession(foldGraph(options, layout), {
    ...onDevice,
    arena: false,
    residentOutputs: inputs.map(({ name }) => name),
  });
  const pullback = await createSession(pullbackGraph(options, layout, { accumulate }), {
    ...onDevice,
    arena: false,
    residentOutputs: ['gradient'],
  });
  const optimizer = await createOptimizer(options.optimizer, onDevice);
  const placement = await createPlacement(layout.total, device);
  const start = options.from ? ownCopy(options.from) : startState(options, layout);
  let { step: done } = start;
  let state: PlacedState = {
    parameters: await placement.place(start.parameters),
    firstMoment: await placement.place(start.firstMoment),
    secondMoment: await placement.place(start.secondMoment),
  };
  const noGradient = accumulate ? await placement.place(new Float32Array(layout.total)) : undefined;

  // On a device these are new buffers each time; in main memory the same are written again.
  const foldedBuffers = mainMemoryFor(device, inputs);
  const gradientBuffers = devices[device].resident
    ? []
    : Array.from({ length: accumulate ? 2 : 1 }, () => vectorTensor(new Float32Array(layout.total)));

  const scaling = scalarTensor(options.adapter?.description.scaling ?? 1);
  /** What the base takes; `disposeAll` when it is done with. */
  const foldedNow = async (): Promise<BaseInputs> => {
    const { read, resident } = await fold.runResident({ parameters: state.parameters }, foldedBuffers);
    return { ...read, ...resident, ...(options.adapter ? { [scalingInput]: scaling } : {}) };
  };

  const gradientOfAll = async (batches: readonly Batch[]): Promise<StepResult & { gradient: Feed }> => {
    const tokens = batches.reduce((sum, { labelRows }) => sum + labelRows.length, 0);
    const folded = await foldedNow();
    let [loss, gradientNorm] = [0, 0];
    let gradient = noGradient;
    for (const [index, batch] of batches.entries()) {
      const step = await base.run({ batch, folded, lossScale: 1 / tokens });
      const buffer = gradientBuffers[index % gradientBuffers.length];
      const { read, resident } = await pullback.runResident(
        {
          parameters: state.parameters,
          ...step.gradients,
          ...(gradient ? { accumulated: gradient } : {}),
        },
        buffer ? { gradient: buffer } : {},
      );
      disposeAll(step.gradients);
      loss += step.loss;
      gradientNorm = only(read['gradient_norm']!);
      if (gradient && gradient !== noGradient) dispose(gradient);
      gradient = resident['gradient'] ?? read['gradient'];
    }
    disposeAll(folded);
    return { loss, gradientNorm, gradient: gradient as Feed };
  };

  const step = async (batches: readonly Batch[], learningRate: number): Promise<StepResult> => {
    const { loss, gradientNorm, gradient } = await gradientOfAll(batches);
    state = await optimizer.update({ state, gradient, gradientNorm, learningRate, count: done + 1 });
    done++;
    return { loss, gradientNorm };
  };

  const evaluate: Trainer['evaluate'] = async (batches, onBatch) => {
    // Only for as long as it takes: it holds the weights a second time wherever they are not float32 on the disk.
    const session = await createSession(evaluationGraph(options, { positions, labels }), {
      threads,
      device,
    });
    const chunks = labelChunks(labels, options.model.architecture.vocabularySize);
    const folded = await foldedNow();
    let [loss, tokens, count] = [0, 0, 0];
    try {
      for (const batch of batches) {
        const outputs = await session.run({ ...lossTensors(batch, chunks), ...folded });
        loss += only(outputs['loss']!);
        tokens += batch.labelRows.length;
        await onBatch?.(++count);
      }
    } finally {
      disposeAll(folded);
      await session.release();
    }
    return loss / tokens;
  };

  const holders = [...(options.base ? [] : [base]), fold, pullback, optimizer, placement];
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
