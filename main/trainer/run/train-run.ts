import { bestEvaluation, stopsEarly } from '../../engine/train/settings/early-stopping.ts';
import { requireDevice } from '../measure/probe-device.ts';
import type { RunContext } from '../protocol/job.ts';
import type { RunSpecification } from '../protocol/protocol.ts';
import { baseNotices } from './base-notices.ts';
import { openEventLog, type EventLog } from './event-log.ts';
import { evaluateRun } from './evaluate-run.ts';
import { finishRun } from './finish-run.ts';
import { createPlaces, type RunPlace } from './group/run-place.ts';
import { breathe } from './group/turns.ts';
import { prepareRun, type Report } from './prepare-run.ts';
import { Abandoned, createRunGuard, type RunGuard } from './run-guard.ts';
import type { RunInProgress } from './run-in-progress.ts';
import { openJournal } from './run-journal.ts';
import { takeRunLock } from './run-lock.ts';
import { saveCheckpoint } from './save-checkpoint.ts';
import { startStream, startTrainer } from './start-training.ts';
import { takeStep } from './take-step.ts';

/** Thrown to leave a run between its phases when it is cancelled. */
class Cancelled extends Error {}

/** The workbench has waited already, until no earlier trainer was at work. */
const shortPatience = 5000;

/**
 * Trains one adapter, from the specification to the saved adapter; goes on from a checkpoint bit for bit.
 * @param place in a process with other runs; without one the run is alone
 */
export const trainRun = async (
  specification: RunSpecification,
  context: RunContext,
  place?: RunPlace,
): Promise<void> => {
  if (place === undefined) return createPlaces(1)((alone) => trainRun(specification, context, alone));
  const { runDirectory, resumeFrom } = specification;
  const lock = await takeRunLock(runDirectory, { patience: shortPatience });
  try {
    const events = openEventLog(runDirectory, { goesOn: resumeFrom !== null });
    try {
      await trainLogged(specification, context, place, { guard: createRunGuard(runDirectory, lock), events });
    } finally {
      events.close();
    }
  } finally {
    lock.close();
  }
};

/** What a trainer has of its run's folder. */
type Holdings = { readonly guard: RunGuard; readonly events: EventLog };

const trainLogged = async (
  specification: RunSpecification,
  context: RunContext,
  place: RunPlace,
  holdings: Holdings,
): Promise<void> => {
  let step = 0;
  const emit: RunContext['emit'] = (event) => {
    if (event.type === 'metrics') step = Math.max(step, ...event.metrics.map((metric) => metric.step));
    holdings.events.append(event); // whether or not anybody hears it
    context.emit(event);
  };
  try {
    await run(specification, { ...context, emit }, place, holdings);
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    context.emit({ type: 'cancelled', step });
  }
};

const run = async (
  specification: RunSpecification,
  context: RunContext,
  place: RunPlace,
  holdings: Holdings,
): Promise<void> => {
  const inProgress = await startRun(specification, context, place, holdings);
  const { journal, trainer } = inProgress;
  try {
    journal.before ??= await evaluateRun(inProgress);
    const { before, evaluations } = journal;
    const { firstStep } = inProgress.prepared;
    if (isEvaluationMissing(inProgress)) evaluations.push(await evaluateRun(inProgress));
    // Where its curves begin. It is no evaluation after a step of its own, so nothing is held against it.
    if (firstStep > 0 && trainer.stepsDone() === firstStep) await evaluateRun(inProgress);
    if ((await trainSteps(inProgress, context)) === 'paused') return;
    // Where the run stopped early, or goes on from its last checkpoint, this is known.
    if (evaluations.at(-1)?.step !== trainer.stepsDone()) evaluations.push(await evaluateRun(inProgress));
    await finishRun(inProgress, before);
  } catch (error) {
    // Of what an evaluation broke off, it is made again by whoever goes on.
    if (error instanceof Abandoned && journal.before !== undefined) await saveCheckpoint(inProgress);
    throw error;
  } finally {
    await trainer.release();
  }
};

/** Reads and checks everything, tells what a person should know of it, and compiles the graphs. */
const startRun = async (
  specification: RunSpecification,
  { emit, shouldStop }: RunContext,
  place: RunPlace,
  { guard, events }: Holdings,
): Promise<RunInProgress> => {
  const { device, baseFormat } = specification.training;
  const report: Report = async (phase, done, total) => {
    emit({ type: 'progress', phase, done, total });
    await breathe();
    guard.assertOwned();
    if (phase === 'saving') return;
    guard.assertWanted();
    if (shouldStop() === 'cancel') throw new Cancelled();
  };

  await requireDevice(device, baseFormat);
  const prepared = await prepareRun(specification, report, place.share);
  const { model, steps, checkpoint, initialisationSeconds } = prepared;
  emit({ type: 'planned', steps });
  const notices =
    checkpoint === undefined
      ? [...prepared.notices, ...baseNotices(model), ...placeNotices(place)]
      : prepared.resumeNotices;
  for (const message of notices) emit({ type: 'notice', message });
  const journal = openJournal(checkpoint?.progress, initialisationSeconds, place);

  await report('loading', 0, 1);
  const trainer = await startTrainer(specification, prepared, place.share);
  const stream = startStream(specification, prepared);
  return { specification, prepared, trainer, stream, journal, emit, report, place, guard, events };
};

const placeNotices = ({ isBesideOthers }: RunPlace): string[] =>
  isBesideOthers ? ['trained in one process with other runs, so that its memory is not its own'] : [];

const isDue = (every: number, done: number, { steps }: { readonly steps: number }): boolean =>
  every > 0 && done % every === 0 && done < steps;

/** Whether the checkpoint that the run goes on from was written before the evaluation that was due then. */
const isEvaluationMissing = ({ specification, prepared, trainer, journal }: RunInProgress): boolean => {
  const step = trainer.stepsDone();
  return (
    step > prepared.firstStep &&
    isDue(specification.training.evaluateEvery, step, prepared) &&
    journal.evaluations.at(-1)?.step !== step
  );
};

/** Steps, each with the evaluation and the checkpoint that are due after it in a turn of its own, until the run has its length, stops early or is told to. */
const trainSteps = async (
  inProgress: RunInProgress,
  { emit, shouldStop }: RunContext,
): Promise<'done' | 'paused'> => {
  const { specification, prepared, trainer, journal, place } = inProgress;
  const { steps } = prepared;
  const { training } = specification;
  const { evaluations } = journal;
  const due = (every: number, done: number): boolean => isDue(every, done, prepared);
  while (trainer.stepsDone() < steps && !stopsEarly(evaluations, training.earlyStopping)) {
    const step = trainer.stepsDone();
    emit({ type: 'progress', phase: 'training', done: step, total: steps });
    await place.turn.pass();
    if (shouldStop() === 'cancel') throw new Cancelled();
    if (shouldStop() === 'pause') {
      emit({ type: 'paused', step, checkpointDirectory: await saveCheckpoint(inProgress) });
      return 'paused';
    }
    await takeStep(inProgress);
    if (due(training.evaluateEvery, step + 1)) evaluations.push(await evaluateRun(inProgress));
    const isBest = training.keepBest && bestEvaluation(evaluations)?.step === step + 1;
    if (isBest || due(training.checkpointEvery, step + 1)) await saveCheckpoint(inProgress);
  }
  return 'done';
};
