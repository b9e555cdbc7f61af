import type { Batch } from '../../engine/data/batches/batch.ts';
import { countParameters } from '../../engine/models/model.ts';
import { checkBaseFormat } from '../../engine/models/weights/quantized-base.ts';
import { objectiveOf } from '../../engine/objectives/index.ts';
import type { BatchLimits } from '../../engine/train/model/loss-graph.ts';
import type { TrainedModel } from '../../engine/train/model/trained-model.ts';
import { trainingSettingsSchema } from '../../engine/train/settings/training-settings.ts';
import { unwatched, type Profiler } from '../../engine/runtime/profile/profiler.ts';
import { profileSteps } from './profile/profile-steps.ts';
import { createBaseStep } from '../../engine/train/step/base-step.ts';
import { createTrainer, type StepResult, type Trainer } from '../../engine/train/trainer.ts';
import type { BenchSpecification } from '../protocol/bench-schema.ts';
import type { JobContext } from '../protocol/job.ts';
import type { Phase } from '../protocol/protocol.ts';
import { openToTrain, startArms } from './bench-arms.ts';
import { measureGemmPeak } from './gemm-peak.ts';
import { measureMemoryBandwidth } from './profile/memory-bandwidth.ts';
import { median, peakMemory } from './measurements.ts';
import { requireDevice } from './probe-device.ts';
import { stepFlops } from './step-flops.ts';

const learningRate = 1e-4;

const stopwatch = (): (() => number) => {
  const started = performance.now();
  return () => (performance.now() - started) / 1000;
};

/**
 * Trains an adapter for a few steps on random tokens, exactly as a run would, and tells what it cost. Memory is read before the
 * machine's peak is measured, which is no part of training.
 */
export const benchRun = async (
  specification: BenchSpecification,
  { emit, shouldStop }: JobContext,
): Promise<void> => {
  const { sequenceLength, steps, threads, memory, device, base } = specification;
  const report = async (phase: Phase, done: number, total: number): Promise<void> => {
    emit({ type: 'progress', phase, done, total });
    await new Promise((resolve) => setImmediate(resolve)); // messages come in between steps only
  };

  await report('loading', 0, 1);
  checkBaseFormat(base, device);
  await requireDevice(device, base);
  const opening = stopwatch();
  const model = openToTrain(specification);
  const openSeconds = opening();
  const { outputs, vocabularySize, towers } = model.architecture;
  const { randomBatch, labelsAtMost } = objectiveOf(model.architecture);
  const batch = randomBatch({ ...specification, outputs, vocabularySize, towers });
  const limits: BatchLimits = { positions: sequenceLength, labels: labelsAtMost(specification) };

  await report('initialising', 0, 1);
  const initialising = stopwatch();
  const arms = await startArms(specification, model, batch);
  const initialisationSeconds = initialising();
  const peakMemoryBeforeTrainingBytes = peakMemory();

  await report('loading', 0, 1);
  const compiling = stopwatch();
  const { trainers, release } = await compileArms(specification, arms, limits, unwatched);
  const loadSeconds = openSeconds + compiling();

  const taken: TimedStep[] = [];
  for (let step = 0; step < steps; step++) {
    await report('training', step, steps);
    if (shouldStop() !== null) return emit({ type: 'cancelled', step });
    taken.push(await timeStep(trainers, batch));
  }
  const peakMemoryBytes = peakMemory();
  await release();
  await report('loading', 0, 1);
  const account = specification.profile
    ? await profileSteps(specification.scratchDirectory, async (recorder) => {
        const watched = await compileArms(specification, arms, limits, recorder);
        return { step: () => timeStep(watched.trainers, batch), release: watched.release };
      })
    : null;
  const flopRate = await measureGemmPeak(threads);

  const stepSeconds = taken.map(({ seconds }) => seconds);
  const [firstStepSeconds = NaN, ...others] = stepSeconds;
  const medianStepSeconds = median(others);
  const flopsPerStep = arms.reduce((sum, arm) => sum + stepFlops(arm, batch, { ...limits, memory }), 0);
  emit({
    type: 'benched',
    summary: {
      totalParameters: countParameters(model.weightShapes),
      trainedParameters: trainers.reduce((sum, { layout }) => sum + layout.total, 0),
      loadSeconds,
      initialisationSeconds,
      stepSeconds,
      firstStepSeconds,
      medianStepSeconds,
      minimumStepSeconds: Math.min(...others),
      tokensPerSecond: (arms.length * batch.tokens) / medianStepSeconds,
      peakMemoryBytes,
      peakMemoryBeforeTrainingBytes,
      flopsPerStep,
      stepFlopRate: flopsPerStep / medianStepSeconds,
      gemmPeakFlopRate: flopRate,
      firstLoss: taken[0]!.loss,
      lastLoss: taken.at(-1)!.loss,
      profile: account && {
        account,
        limits: { flopRate, bytesPerSecond: await measureMemoryBandwidth(threads) },
      },
    },
  });
};

/** The arms' graphs on one compiled base. */
const compileArms = async (
  { threads, memory, device, steps }: BenchSpecification,
  arms: readonly TrainedModel[],
  limits: BatchLimits,
  profiler: Profiler,
): Promise<{ trainers: readonly Trainer[]; release: () => Promise<void> }> => {
  const shared = { ...limits, memory, threads, device, profiler };
  const base = await createBaseStep({ ...(arms[0] as TrainedModel), ...shared });
  const trainers: Trainer[] = [];
  for (const arm of arms)
    trainers.push(
      await createTrainer({
        ...arm,
        ...shared,
        base,
        optimizer: trainingSettingsSchema.parse({}),
        totalSteps: steps,
        gradientAccumulation: 1,
      }),
    );
  return {
    trainers,
    release: async () => {
      for (const trainer of trainers) await trainer.release();
      await base.release();
    },
  };
};

interface TimedStep {
  /** Of all arms together. */
  readonly seconds: number;
  /** Of the first arm. */
  readonly loss: number;
}

/** A step of each arm, one after the other. */
const timeStep = async (trainers: readonly Trainer[], batch: Batch): Promise<TimedStep> => {
  const seconds = stopwatch();
  const results: StepResult[] = [];
  for (const trainer of trainers) results.push(await trainer.step([batch], learningRate));
  return { seconds: seconds(), loss: results[0]!.loss };
};
