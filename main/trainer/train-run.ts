import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAdapter } from '../engine/adapters/adapter-folder.ts';
import { checkAdapterFits } from '../engine/adapters/target-modules.ts';
import { createBatchStream, sequentialBatches, type Batch } from '../engine/data/batches.ts';
import { loadTokenizer } from '../engine/data/tokenizer.ts';
import { invalidInput, WorkbenchError } from '../engine/errors.ts';
import { assertFinite } from '../engine/formats/non-finite.ts';
import { openModel } from '../engine/models/model.ts';
import { learningRateAt } from '../engine/optim/schedule.ts';
import { unpackParameters } from '../engine/optim/parameter-layout.ts';
import { readCheckpoint, writeCheckpoint } from '../engine/train/checkpoint.ts';
import { trainedLayout } from '../engine/train/trained-model.ts';
import { createTrainer } from '../engine/train/trainer.ts';
import type { JobContext } from './job.ts';
import { median, peakMemory } from './measurements.ts';
import type { Phase, RunSpecification } from './protocol.ts';
import { prepareData } from './run-data.ts';
import { runSeeds } from './run-seeds.ts';
import { startAdapter } from './start-adapter.ts';

/** Lets messages from the parent in: the engine blocks the event loop while it computes. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Thrown to leave a run between its phases when it is cancelled. */
class Cancelled extends Error {}

/** Trains one adapter, from the specification to the saved adapter; goes on from a checkpoint bit for bit. */
export const trainRun = async (specification: RunSpecification, context: JobContext): Promise<void> => {
  let step = 0;
  const emit: JobContext['emit'] = (event) => {
    if (event.type === 'metrics') step = Math.max(step, ...event.metrics.map((metric) => metric.step));
    context.emit(event);
  };
  try {
    await run(specification, { ...context, emit });
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    context.emit({ type: 'cancelled', step });
  }
};

const run = async (specification: RunSpecification, { emit, shouldStop }: JobContext): Promise<void> => {
  const started = performance.now();
  const { runDirectory, training, adapter: settings, seed, resumeFrom } = specification;
  const { steps, batchSize, sequenceLength, packing, gradientAccumulation, threads } = training;

  const report = async (phase: Phase, done: number, total: number): Promise<void> => {
    emit({ type: 'progress', phase, done, total });
    await breathe();
    if (shouldStop() === 'cancel' && phase !== 'saving') throw new Cancelled();
  };

  await report('loading', 0, 1);
  const model = openModel(specification.modelDirectory);
  assertFinite(model.folder);
  checkAdapterFits(model.linearLayers, settings);
  if (sequenceLength > model.architecture.maximumPositions)
    throw invalidInput(
      `training.sequenceLength: ${sequenceLength} is more than the ${model.architecture.maximumPositions} positions of ${model.folder.directory}`,
    );
  const tokenizer = loadTokenizer(model.folder.directory);
  const padId = tokenizer.padId ?? tokenizer.eosId ?? 0;

  await report('preparing-data', 0, 1);
  const data = prepareData(specification, model, tokenizer);
  if (resumeFrom === null) for (const message of data.notices) emit({ type: 'notice', message });

  const { adapter, seconds } = await startAdapter(specification, model, data.train, padId, report);
  const trained = { model, adapter, trainedWeights: [] };
  const layout = trainedLayout(trained);
  const checkpoint = resumeFrom === null ? undefined : readCheckpoint(resumeFrom, layout.total);
  const before = checkpoint?.progress;

  await report('loading', 0, 1);
  const trainer = await createTrainer({
    ...trained,
    positions: sequenceLength,
    optimizer: training,
    gradientAccumulation,
    threads,
    ...(checkpoint ? { from: checkpoint.state } : {}),
  });

  const evaluationRows =
    training.evaluationBatches === null ? data.validation.length : training.evaluationBatches * batchSize;
  const validation = data.validation.slice(0, evaluationRows);
  const evaluate = async (): Promise<number> => {
    const batches = [
      ...sequentialBatches({ examples: validation, batchSize, sequenceLength, packing, padId }),
    ];
    const loss = await trainer.evaluate(batches, (done) => report('evaluating', done, batches.length));
    emit({
      type: 'metrics',
      metrics: [{ step: trainer.state().step, name: 'validation/loss', value: loss }],
    });
    return loss;
  };

  const initialisationSeconds = before?.initialisationSeconds ?? seconds;
  const validationLossBefore = before?.validationLossBefore ?? (await evaluate());
  const stream = createBatchStream({
    examples: data.train,
    batchSize,
    sequenceLength,
    packing,
    padId,
    seed: runSeeds(seed).data,
    ...(before ? { state: before.stream } : {}),
  });
  const stepSeconds = [...(before?.stepSeconds ?? [])];
  const stepTokens = [...(before?.stepTokens ?? [])];
  const totalSeconds = (): number => (before?.totalSeconds ?? 0) + (performance.now() - started) / 1000;
  const peakMemoryBytes = (): number => Math.max(before?.peakMemoryBytes ?? 0, peakMemory());

  const saveCheckpoint = async (): Promise<string> => {
    const state = trainer.state();
    const folder = join(runDirectory, 'checkpoints');
    const name = `step-${String(state.step).padStart(8, '0')}`;
    await writeCheckpoint(join(folder, name), {
      state,
      progress: {
        stream: stream.state(),
        validationLossBefore,
        initialisationSeconds,
        stepSeconds,
        stepTokens,
        totalSeconds: totalSeconds(),
        peakMemoryBytes: peakMemoryBytes(),
      },
    });
    emit({ type: 'checkpoint', step: state.step, directory: join(folder, name) });
    // One is enough to go on from; the older ones go once the new one stands.
    for (const other of readdirSync(folder))
      if (other !== name) rmSync(join(folder, other), { recursive: true, force: true });
    return join(folder, name);
  };

  const oneStep = async (): Promise<void> => {
    const from = performance.now();
    const { step } = trainer.state();
    const batches: Batch[] = Array.from({ length: gradientAccumulation }, () => stream.next());
    const learningRate = learningRateAt(step, training);
    const { loss, gradientNorm } = await trainer.step(batches, learningRate);
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
      throw new WorkbenchError(
        'invalid-input',
        `step ${step + 1}: the loss is no longer a finite number (learning rate ${learningRate.toPrecision(3)}); a smaller learningRate helps`,
      );
    const seconds = (performance.now() - from) / 1000;
    const tokens = batches.reduce((sum, batch) => sum + batch.tokens, 0);
    if (step > (checkpoint?.state.step ?? 0)) {
      stepSeconds.push(seconds);
      stepTokens.push(tokens);
    }
    const metric = (name: string, value: number) => ({ step: step + 1, name, value });
    emit({
      type: 'metrics',
      metrics: [
        metric('train/loss', loss),
        metric('train/gradient_norm', gradientNorm),
        metric('train/learning_rate', learningRate),
        metric('train/step_seconds', seconds),
        metric('train/tokens_per_second', tokens / seconds),
      ],
    });
  };

  while (trainer.state().step < steps) {
    const { step } = trainer.state();
    emit({ type: 'progress', phase: 'training', done: step, total: steps });
    await breathe();
    if (shouldStop() === 'cancel') return emit({ type: 'cancelled', step });
    if (shouldStop() === 'pause')
      return emit({ type: 'paused', step, checkpointDirectory: await saveCheckpoint() });
    await oneStep();
    const done = step + 1;
    if (done === steps) break;
    if (training.evaluateEvery > 0 && done % training.evaluateEvery === 0) await evaluate();
    if (training.checkpointEvery > 0 && done % training.checkpointEvery === 0) await saveCheckpoint();
  }

  const validationLossAfter = await evaluate();
  await report('saving', 0, 1);
  await saveCheckpoint();
  const adapterDirectory = join(runDirectory, 'adapter');
  const values = new Map([...adapter.values, ...unpackParameters(layout, trainer.state().parameters)]);
  await writeAdapter(adapterDirectory, { settings, layers: adapter.layers, values });
  await trainer.release();

  const total = stepSeconds.reduce((sum, value) => sum + value, 0);
  emit({
    type: 'completed',
    adapterDirectory,
    summary: {
      trainedParameters: layout.total,
      totalParameters: [...model.weightShapes.values()].reduce(
        (sum, shape) => sum + shape.reduce((a, b) => a * b, 1),
        0,
      ),
      validationLossBefore,
      validationLossAfter,
      secondsPerStep: median(stepSeconds),
      tokensPerSecond: total === 0 ? 0 : stepTokens.reduce((sum, value) => sum + value, 0) / total,
      initialisationSeconds,
      totalSeconds: totalSeconds(),
      peakMemoryBytes: peakMemoryBytes(),
    },
  });
};
