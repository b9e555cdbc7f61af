import { describeAdapter } from '../../engine/adapters/settings/adapter-settings.ts';
import { join } from 'node:path';
import { readAdapter, writeAdapter } from '../../engine/adapters/folder/adapter-folder.ts';
import { checkAdapterFits } from '../../engine/adapters/layer/adapter-fits.ts';
import { selectTargets, selectWeights } from '../../engine/adapters/layer/target-modules.ts';
import type { Batch } from '../../engine/data/batches/batch.ts';
import { checkBaseFormat, withBaseFormat } from '../../engine/models/weights/quantized-base.ts';
import { invalidInput } from '../../engine/errors.ts';
import { assertFinite } from '../../engine/formats/non-finite.ts';
import { matmulFlops } from '../../engine/graph/flops.ts';
import { extentsOf } from '../../engine/graph/input-extents.ts';
import { objectiveOf } from '../../engine/objectives/index.ts';
import { calibrate } from '../../engine/init/calibration.ts';
import { calibrationOf } from '../../engine/init/outer-parts.ts';
import { initialiseAdapter } from '../../engine/init/initialise-adapter.ts';
import { countParameters, openModel, type Model } from '../../engine/models/model.ts';
import { foldGraph, pullbackGraph } from '../../engine/train/model/fold-graphs.ts';
import {
  gradientGraph,
  type BatchLimits,
  type GradientOptions,
} from '../../engine/train/model/loss-graph.ts';
import {
  trainedLayout,
  type AdapterState,
  type TrainedModel,
} from '../../engine/train/model/trained-model.ts';
import { createBaseStep } from '../../engine/train/step/base-step.ts';
import { createTrainer, type StepResult, type Trainer } from '../../engine/train/trainer.ts';
import { trainingSettingsSchema } from '../../engine/train/settings/training-settings.ts';
import type { BenchSpecification } from '../protocol/bench-schema.ts';
import { measureGemmPeak } from './gemm-peak.ts';
import type { JobContext } from '../protocol/job.ts';
import { median, peakMemory } from './measurements.ts';
import type { Phase } from '../protocol/protocol.ts';
import { requireDevice } from './probe-device.ts';

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
  const { sequenceLength, steps, threads, memory, device } = specification;
  const report = async (phase: Phase, done: number, total: number): Promise<void> => {
    emit({ type: 'progress', phase, done, total });
    await new Promise((resolve) => setImmediate(resolve)); // messages come in between steps only
  };

  await report('loading', 0, 1);
  checkBaseFormat(specification.base, device);
  await requireDevice(device, specification.base);
  const opening = stopwatch();
  const model = openToTrain(specification);
  const openSeconds = opening();
  const { architecture } = model;
  const { randomBatch, labelsAtMost } = objectiveOf(architecture);
  const batch = randomBatch({ ...specification, ...architecture });
  const limits: BatchLimits = { positions: sequenceLength, labels: labelsAtMost(specification) };

  await report('initialising', 0, 1);
  const initialising = stopwatch();
  const adapters: AdapterState[] = [];
  const allSettings = [specification.adapter, ...specification.beside];
  for (const [arm, settings] of allSettings.entries())
    adapters.push(
      await startAdapter(settings, {
        specification,
        model,
        batch,
        directory: join(specification.scratchDirectory, `${arm}`),
      }),
    );
  const initialisationSeconds = initialising();
  const peakMemoryBeforeTrainingBytes = peakMemory();

  await report('loading', 0, 1);
  const arms = adapters.map((adapter, arm): TrainedModel => ({
    model,
    adapter,
    trainedWeights: selectWeights(model.weightShapes.keys(), allSettings[arm]!),
  }));
  const [trained] = arms as [TrainedModel];
  const compiling = stopwatch();
  const base = await createBaseStep({ ...trained, ...limits, memory, threads, device });
  const trainers: Trainer[] = [];
  for (const arm of arms)
    trainers.push(
      await createTrainer({
        ...arm,
        ...limits,
        base,
        memory,
        device,
        optimizer: trainingSettingsSchema.parse({}),
        totalSteps: steps,
        gradientAccumulation: 1,
        threads,
      }),
    );
  const loadSeconds = openSeconds + compiling();

  const stepSeconds: number[] = [];
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    await report('training', step, steps);
    if (shouldStop() !== null) return emit({ type: 'cancelled', step });
    const stepping = stopwatch();
    const results: StepResult[] = [];
    for (const trainer of trainers) results.push(await trainer.step([batch], learningRate));
    stepSeconds.push(stepping());
    losses.push((results[0] as StepResult).loss);
  }
  const peakMemoryBytes = peakMemory();
  for (const trainer of trainers) await trainer.release();
  await base.release();

  const [firstStepSeconds = NaN, ...steady] = stepSeconds;
  const medianStepSeconds = median(steady);
  const flopsPerStep = arms.reduce((sum, arm) => sum + flopsOf(arm, batch, { ...limits, memory }), 0);
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
      minimumStepSeconds: Math.min(...steady),
      tokensPerSecond: (arms.length * batch.tokens) / medianStepSeconds,
      peakMemoryBytes,
      peakMemoryBeforeTrainingBytes,
      flopsPerStep,
      stepFlopRate: flopsPerStep / medianStepSeconds,
      gemmPeakFlopRate: await measureGemmPeak(threads),
      firstLoss: losses[0] as number,
      lastLoss: losses.at(-1) as number,
    },
  });
};

/** Opens the model and refuses what does not fit it, as a run does. */
const openToTrain = (specification: BenchSpecification): Model => {
  const { modelDirectory, adapter, sequenceLength, base, device } = specification;
  const original = openModel(modelDirectory);
  assertFinite(original.folder);
  const model = withBaseFormat(original, base, { device });
  checkAdapterFits(model, adapter);
  const { maximumPositions } = model.architecture;
  if (sequenceLength > maximumPositions)
    throw invalidInput(`--seq: ${sequenceLength} is more than the model's ${maximumPositions} positions`);
  return model;
};

interface ArmStart {
  readonly specification: BenchSpecification;
  readonly model: Model;
  readonly batch: Batch;
  /** Where it is written, as a run does: frozen factors are read in place from there. */
  readonly directory: string;
}

/** The adapter before its first step; activation statistics come from the batch that is trained on. */
const startAdapter = async (
  settings: BenchSpecification['adapter'],
  { specification, model, batch, directory }: ArmStart,
): Promise<AdapterState> => {
  const { sequenceLength, threads, seed } = specification;
  const description = describeAdapter(settings);
  const layers = selectTargets(model.targetLayers, settings);
  const values = await initialiseAdapter({
    model,
    description,
    layers,
    seed,
    calibrate: (group) =>
      calibrate({
        model,
        layers: group,
        batches: [batch],
        positions: sequenceLength,
        statistics: calibrationOf(description).statistics,
        threads,
      }),
  });
  await writeAdapter(directory, { settings, layers, weights: [], values });
  const stored = readAdapter(directory);
  return { description, layers, values: stored.values, files: stored.files };
};

/** Of the graphs that a step runs: forward, backward, what is computed again, and the adapter's folding both ways. */
const flopsOf = (trained: TrainedModel, batch: Batch, options: GradientOptions): number => {
  const layout = trainedLayout(trained);
  const { architecture } = trained.model;
  const { labels } = options;
  const feeds = objectiveOf(architecture).feeds(batch, { labels, outputs: architecture.outputs });
  const gradient = gradientGraph(trained, options);
  const extents = extentsOf(gradient.inputs, (name) => feeds[name]?.shape);
  return (
    matmulFlops(gradient, extents) +
    matmulFlops(foldGraph(trained, layout), {}) +
    matmulFlops(pullbackGraph(trained, layout, { accumulate: false }), {})
  );
};
