import type { Batch } from '../data/batches.ts';
import { adamWGraph, type AdamWSettings } from '../optim/adamw.ts';
import type { ParameterLayout } from '../optim/parameter-layout.ts';
import { createSession } from '../runtime/session.ts';
import { lossTensors, scalarTensor, vectorTensor } from './batch-inputs.ts';
import { evaluationGraph, gradientGraph, type BatchLimits, type MemoryMode } from './loss-graph.ts';
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
  readonly state: () => TrainerState;
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

/** Compiles the graphs of a run and keeps its state. */
export const createTrainer = async (options: TrainerOptions): Promise<Trainer> => {
  const { positions, labels, optimizer, gradientAccumulation, threads, memory } = options;
  const layout = trainedLayout(options);
  const accumulate = gradientAccumulation > 1;
  const gradientSession = await createSession(
    gradientGraph(options, layout, { positions, labels, accumulate, memory }),
    {
      threads,
    },
  );
  const updateSession = await createSession(adamWGraph(layout.total, optimizer), { threads });
  let state = options.from ?? startState(options, layout);

  const gradientOf = async (batches: readonly Batch[]): Promise<{ loss: number; gradient: Float32Array }> => {
    const labels = batches.reduce((sum, { labelRows }) => sum + labelRows.length, 0);
    const shared = { parameters: vectorTensor(state.parameters), loss_scale: scalarTensor(1 / labels) };
    let loss = 0;
    let gradient = new Float32Array(accumulate ? layout.total : 0);
    for (const batch of batches) {
      const outputs = await gradientSession.run({
        ...lossTensors(batch),
        ...shared,
        ...(accumulate ? { accumulated: vectorTensor(gradient) } : {}),
      });
      loss += only(outputs['loss']!);
      gradient = outputs['gradient']!.data as Float32Array<ArrayBuffer>;
    }
    return { loss, gradient };
  };

  const step = async (batches: readonly Batch[], learningRate: number): Promise<StepResult> => {
    const { loss, gradient } = await gradientOf(batches);
    const count = state.step + 1;
    const outputs = await updateSession.run({
      parameters: vectorTensor(state.parameters),
      gradient: vectorTensor(gradient),
      first_moment: vectorTensor(state.firstMoment),
      second_moment: vectorTensor(state.secondMoment),
      learning_rate: scalarTensor(learningRate),
      correction1: scalarTensor(1 - optimizer.beta1 ** count),
      correction2: scalarTensor(1 - optimizer.beta2 ** count),
    });
    state = {
      step: count,
      parameters: outputs['next_parameters']!.data as Float32Array,
      firstMoment: outputs['next_first_moment']!.data as Float32Array,
      secondMoment: outputs['next_second_moment']!.data as Float32Array,
    };
    return { loss, gradientNorm: only(outputs['gradient_norm']!) };
  };

  const evaluate: Trainer['evaluate'] = async (batches, onBatch) => {
    // Only for as long as it takes: it holds the weights a second time wherever they are not float32 on the disk.
    const session = await createSession(evaluationGraph(options, layout, { positions, labels }), { threads });
    let [loss, tokens, done] = [0, 0, 0];
    try {
      for (const batch of batches) {
        const outputs = await session.run({
          ...lossTensors(batch),
          parameters: vectorTensor(state.parameters),
        });
        loss += only(outputs['loss']!);
        tokens += batch.labelRows.length;
        await onBatch?.(++done);
      }
    } finally {
      await session.release();
    }
    return loss / tokens;
  };

  return {
    layout,
    state: () => state,
    step,
    evaluate,
    release: async () => {
      await Promise.all([gradientSession.release(), updateSession.release()]);
    },
  };
};
