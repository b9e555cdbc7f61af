import { createBatchStream, type BatchStream } from '../../engine/data/batches/batches.ts';
import { objectiveOf } from '../../engine/objectives/index.ts';
import { createTrainer, type Trainer } from '../../engine/train/trainer.ts';
import type { RunSpecification } from '../protocol/protocol.ts';
import type { PreparedRun } from './prepare-run.ts';
import { runSeeds } from './run-seeds.ts';

/** Compiles the run's graphs. From a checkpoint, training goes on bit for bit. */
export const startTrainer = (
  { training, seed }: RunSpecification,
  { model, adapter, trainedWeights, steps, checkpoint }: PreparedRun,
): Promise<Trainer> =>
  createTrainer({
    model,
    adapter,
    trainedWeights,
    positions: training.sequenceLength,
    labels: objectiveOf(model.architecture).labelsAtMost(training),
    memory: training.memory,
    optimizer: training,
    totalSteps: steps,
    labelSmoothing: training.labelSmoothing,
    neftuneAlpha: training.neftuneAlpha,
    noiseSeed: runSeeds(seed).noise,
    gradientAccumulation: training.gradientAccumulation,
    threads: training.threads,
    device: training.device,
    ...(checkpoint ? { from: checkpoint.state } : {}),
  });

/** The training batches, from where the checkpoint left them. */
export const startStream = (
  { training: { batchSize, epochs }, seed }: RunSpecification,
  { data, batching, checkpoint }: PreparedRun,
): BatchStream =>
  createBatchStream({
    batchSize,
    batching,
    examples: data.train,
    epochs,
    seed: runSeeds(seed).data,
    ...(checkpoint ? { state: checkpoint.progress.stream } : {}),
  });
