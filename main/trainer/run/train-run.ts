import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAdapter } from '../../engine/adapters/folder/adapter-folder.ts';
import { createBatchStream, sequentialBatches } from '../../engine/data/batches/batches.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { countParameters } from '../../engine/models/model.ts';
import { withDerived } from '../../engine/metrics/derived.ts';
import { unpackParameters } from '../../engine/optim/parameter-layout.ts';
import { learningRateAt } from '../../engine/optim/schedule.ts';
import { readCheckpointParameters, writeCheckpoint } from '../../engine/train/checkpoint.ts';
import {
  bestEvaluation,
  stopsEarly,
  type EvaluationPoint,
} from '../../engine/train/settings/early-stopping.ts';
import { objectiveOf } from '../../engine/objectives/index.ts';
import { createTrainer } from '../../engine/train/trainer.ts';
import { baseNotices } from './base-notices.ts';
import { checkpointDirectory, findCheckpoints } from './checkpoint-folders.ts';
import { outcomeOf } from './run-outcome.ts';
import type { JobContext } from '../protocol/job.ts';
import { requireDevice } from '../measure/probe-device.ts';
import { assertModelStayed } from '../export/model-in-use.ts';
import { prepareRun, type Report } from './prepare-run.ts';
import type { RunSpecification } from '../protocol/protocol.ts';
import { openJournal } from './run-journal.ts';
import { evaluationAt, evaluationValues, metricsAt } from './run-metrics.ts';
import { runSeeds } from './run-seeds.ts';

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
  const { runDirectory, training, seed } = specification;
  const { batchSize, sequenceLength, gradientAccumulation, threads } = training;

  const report: Report = async (phase, done, total) => {
    emit({ type: 'progress', phase, done, total });
    await breathe();
    if (shouldStop() === 'cancel' && phase !== 'saving') throw new Cancelled();
  };

  await requireDevice(training.device, training.baseFormat);
  const prepared = await prepareRun(specification, report);
  const { model, data, batching, classNames, settings, steps, adapter, trainedWeights, notices, checkpoint } =
    prepared;
  emit({ type: 'planned', steps });
  if (checkpoint === undefined)
    for (const message of [...notices, ...baseNotices(model)]) emit({ type: 'notice', message });
  const journal = openJournal(checkpoint?.progress, prepared.initialisationSeconds);

  await report('loading', 0, 1);
  const trainer = await createTrainer({
    model,
    adapter,
    trainedWeights,
    positions: sequenceLength,
    labels: objectiveOf(model.architecture).labelsAtMost(training),
    memory: training.memory,
    optimizer: training,
    totalSteps: steps,
    labelSmoothing: training.labelSmoothing,
    neftuneAlpha: training.neftuneAlpha,
    noiseSeed: runSeeds(seed).noise,
    gradientAccumulation,
    threads,
    device: training.device,
    ...(checkpoint ? { from: checkpoint.state } : {}),
  });
  const rows = { batchSize, batching };
  const position = checkpoint ? { state: checkpoint.progress.stream } : {};
  const stream = createBatchStream({
    ...rows,
    examples: data.train,
    epochs: training.epochs,
    seed: runSeeds(seed).data,
    ...position,
  });
  const { objective } = model.architecture;
  const schedule = { ...training, steps, warmupSteps: prepared.warmupSteps };

  const evaluate = async (): Promise<EvaluationPoint> => {
    const most = training.evaluationBatches ?? Infinity;
    const batches = sequentialBatches({ ...rows, examples: data.validation })
      .take(most)
      .toArray();
    const evaluation = await trainer.evaluate(batches, (done) => report('evaluating', done, batches.length));
    const step = trainer.stepsDone();
    if (!Number.isFinite(evaluation.loss))
      throw diverged(`step ${step}: the held-out loss`, 'a smaller learningRate');
    emit({ type: 'metrics', metrics: metricsAt(step, withDerived(evaluationValues(evaluation), objective)) });
    return { step, ...evaluation };
  };

  /** One is enough to go on from, and one to save the best of; the others go once the new one stands. */
  const saveCheckpoint = async (): Promise<string> => {
    await assertModelStayed(specification);
    const state = await trainer.state();
    const directory = checkpointDirectory(runDirectory, state.step);
    await writeCheckpoint(directory, { state, progress: { ...journal.progress(), stream: stream.state() } });
    emit({ type: 'checkpoint', step: state.step, directory });
    const kept = [state.step, training.keepBest ? bestEvaluation(journal.evaluations)?.step : undefined];
    for (const other of findCheckpoints(runDirectory))
      if (!kept.includes(other.step)) rmSync(other.directory, { recursive: true, force: true });
    return directory;
  };

  const oneStep = async (): Promise<void> => {
    const from = performance.now();
    const step = trainer.stepsDone();
    const batches = stream.take(gradientAccumulation);
    const learningRate = learningRateAt(step, schedule);
    const { loss, gradientNorm } = await trainer.step(batches, learningRate);
    if (!Number.isFinite(loss + gradientNorm))
      throw diverged(`step ${step + 1}: the loss`, `a learningRate below ${learningRate.toPrecision(3)}`);
    const seconds = (performance.now() - from) / 1000;
    const tokens = batches.reduce((sum, batch) => sum + batch.tokens, 0);
    journal.note(seconds, tokens);
    const metrics = metricsAt(step + 1, {
      'train/loss': loss,
      'train/gradient_norm': gradientNorm,
      'train/learning_rate': learningRate,
      'train/step_seconds': seconds,
      'train/tokens_per_second': tokens / seconds,
    });
    emit({ type: 'metrics', metrics });
  };

  journal.before ??= await evaluate();
  const { before, evaluations } = journal;
  const due = (every: number, done: number): boolean => every > 0 && done % every === 0 && done < steps;
  while (trainer.stepsDone() < steps && !stopsEarly(evaluations, training.earlyStopping)) {
    const step = trainer.stepsDone();
    emit({ type: 'progress', phase: 'training', done: step, total: steps });
    await breathe();
    if (shouldStop() === 'cancel') throw new Cancelled();
    if (shouldStop() === 'pause')
      return emit({ type: 'paused', step, checkpointDirectory: await saveCheckpoint() });
    await oneStep();
    if (due(training.evaluateEvery, step + 1)) evaluations.push(await evaluate());
    const isBest = training.keepBest && bestEvaluation(evaluations)?.step === step + 1;
    if (isBest || due(training.checkpointEvery, step + 1)) await saveCheckpoint();
  }

  // Where the run stopped early, or goes on from its last checkpoint, this is known.
  if (evaluations.at(-1)?.step !== trainer.stepsDone()) evaluations.push(await evaluate());
  const outcome = outcomeOf(evaluations, training, steps);
  await report('saving', 0, 1);
  await saveCheckpoint();
  const adapterDirectory = join(runDirectory, 'adapter');
  const { step } = outcome.saved;
  const parameters =
    step === trainer.stepsDone()
      ? (await trainer.state()).parameters
      : readCheckpointParameters(checkpointDirectory(runDirectory, step), trainer.layout.total);
  const trained = unpackParameters(trainer.layout, parameters);
  await writeAdapter(adapterDirectory, {
    settings,
    layers: adapter.layers,
    classes: classNames,
    chatTemplate: prepared.chatTemplate,
    weights: trainedWeights.map((name) => ({ name, shape: model.weightShapes.get(name)! })),
    values: { get: (key) => trained.get(key) ?? adapter.values.get(key) },
  });
  await trainer.release();
  for (const message of outcome.notices) emit({ type: 'notice', message });
  emit({
    type: 'completed',
    adapterDirectory,
    summary: withDerived(
      {
        'run/trained_parameters': trainer.layout.total,
        'run/total_parameters': countParameters(model.weightShapes),
        ...evaluationAt(before, 'before'),
        ...outcome.summary,
        ...journal.timing(),
      },
      objective,
    ),
  });
};

const diverged = (what: string, help: string): WorkbenchError =>
  new WorkbenchError('invalid-input', `${what} is no longer a finite number; try ${help}`);
