import { bestEvaluation, stopsEarly } from '../../engine/train/settings/early-stopping.ts';
import { requireDevice } from '../measure/probe-device.ts';
import type { RunContext } from '../protocol/job.ts';
import type { RunSpecification } from '../protocol/protocol.ts';
import { baseNotices } from './base-notices.ts';
import { createCheckpointClock } from './checkpoint-clock.ts';
import { stepOfCheckpoint } from './checkpoint-folders.ts';
import { clearUnfinished } from './clear-unfinished.ts';
import { openEventLog, type EventLog } from './event-log.ts';
import { drawSamples } from './samples/draw-samples.ts';
import { clearSamplesAfter } from './samples/sample-folders.ts';
import { evaluateRun } from './evaluate-run.ts';
import { finishRun } from './finish-run.ts';
import { createPlaces, type RunPlace } from './group/run-place.ts';
import { breathe } from './group/turns.ts';
import { prepareRun } from './prepare-run.ts';
import type { Report } from './report.ts';
import { createRunGuard, type RunGuard } from './run-guard.ts';
import type { RunInProgress } from './run-in-progress.ts';
import { openJournal } from './run-journal.ts';
import { takeRunLock } from './run-lock.ts';
import { saveCheckpoint } from './save-checkpoint.ts';
import { startTrainer } from './start-training.ts';
import { takeStep } from './take-step.ts';

/** Thrown to leave a run between its phases when it is cancelled. */
class Cancelled extends Error {}
/** Thrown where a run is to pause: between steps, or in a phase, which is done anew when it goes on. */
class Paused extends Error {}

/** The workbench has waited already, until no earlier trainer was at work. */
const shortPatience = 5000;

/** What a trainer has of its run's folder. */
interface Holdings {
  readonly guard: RunGuard;
  readonly events: EventLog;
}

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
    clearUnfinished(runDirectory);
    clearSamplesAfter(runDirectory, resumeFrom === null ? -1 : stepOfCheckpoint(resumeFrom));
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
  try {
    const inProgress = await startRun(specification, context, place, holdings);
    try {
      await trainAndFinish(inProgress, context);
    } catch (error) {
      if (!(error instanceof Paused) || !hasBegun(inProgress)) throw error;
      const checkpointDirectory = await saveCheckpoint(inProgress);
      context.emit({ type: 'paused', step: inProgress.trainer.stepsDone(), checkpointDirectory });
    } finally {
      await inProgress.stream.close();
      await inProgress.trainer.release();
    }
  } catch (error) {
    if (!(error instanceof Paused)) throw error;
    // Nothing has come since it was started: it stands where it stood.
    const { resumeFrom } = specification;
    const step = resumeFrom === null ? 0 : stepOfCheckpoint(resumeFrom);
    context.emit({ type: 'paused', step, checkpointDirectory: resumeFrom });
  }
};

/** What the base does is a part of every checkpoint: until that is known there is none to write. */
const hasBegun = ({ journal }: RunInProgress): boolean => journal.before !== undefined;

const trainAndFinish = async (inProgress: RunInProgress, context: RunContext): Promise<void> => {
  const { journal, trainer } = inProgress;
  journal.before ??= await evaluateRun(inProgress);
  const { before, evaluations } = journal;
  const { firstStep } = inProgress.prepared;
  // Where its curves begin. It is no evaluation after a step of its own, so nothing is held against it.
  if (firstStep > 0 && trainer.stepsDone() === firstStep) await evaluateRun(inProgress);
  if (trainer.stepsDone() === firstStep) await drawSamples(inProgress);
  await trainSteps(inProgress, context);
  // Where the run stopped early, or goes on from its last checkpoint, this is known.
  if (evaluations.at(-1)?.step !== trainer.stepsDone()) evaluations.push(await evaluateRun(inProgress));
  await drawSamples(inProgress);
  await finishRun(inProgress, before);
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
    if (shouldStop() === 'cancel') throw new Cancelled();
    if (shouldStop() === 'pause' || guard.isAbandoned()) throw new Paused();
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
  const stream = prepared.batches.stream(prepared.checkpoint?.progress.stream);
  return { specification, prepared, trainer, stream, journal, emit, report, place, guard, events };
};

const placeNotices = ({ isBesideOthers }: RunPlace): string[] =>
  isBesideOthers ? ['trained in one process with other runs, so that its memory is not its own'] : [];

/** Steps, each with the evaluation and the checkpoint that are due after it in a turn of its own, until the run has its length, stops early or is told to. */
const trainSteps = async (inProgress: RunInProgress, { emit, shouldStop }: RunContext): Promise<void> => {
  const { specification, prepared, trainer, journal, place } = inProgress;
  const { steps, firstStep } = prepared;
  const { training } = specification;
  const { evaluations } = journal;
  const clock = createCheckpointClock({
    minutes: training.checkpointMinutes,
    passed: () => performance.now() / 1000,
    computed: place.turn.seconds,
  });
  const due = (every: number): boolean => {
    const done = trainer.stepsDone();
    return every > 0 && done > firstStep && done < steps && done % every === 0;
  };
  const evaluateWhereDue = async (): Promise<void> => {
    if (due(training.evaluateEvery) && evaluations.at(-1)?.step !== trainer.stepsDone())
      evaluations.push(await evaluateRun(inProgress));
  };
  const saveWhereDue = async (): Promise<void> => {
    const done = trainer.stepsDone();
    const isBest = training.keepBest && bestEvaluation(evaluations)?.step === done;
    const isTime = clock.isDue() && done < steps;
    if (isBest || isTime || due(training.checkpointEvery)) await clock.time(() => saveCheckpoint(inProgress));
  };

  const isOver = (): boolean =>
    trainer.stepsDone() >= steps || stopsEarly(evaluations, training.earlyStopping);
  // What a run ends with is drawn at its end.
  const drawWhereDue = async (): Promise<void> => {
    if (due(training.diffusion?.samples?.every ?? 0) && !isOver()) await drawSamples(inProgress);
  };

  // The run was paused before these were done.
  await evaluateWhereDue();
  await drawWhereDue();
  while (!isOver()) {
    emit({ type: 'progress', phase: 'training', done: trainer.stepsDone(), total: steps });
    await place.turn.pass();
    if (shouldStop() === 'cancel') throw new Cancelled();
    if (shouldStop() === 'pause') throw new Paused();
    await takeStep(inProgress);
    await evaluateWhereDue();
    await drawWhereDue();
    await saveWhereDue();
  }
};
