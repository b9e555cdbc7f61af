import { join } from 'node:path';
import { samplesAt } from '../../trainer/run/samples/sample-folders.ts';
import type { ReadFiles } from '../reading/reader.ts';
import type { Store } from '../../store/store.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import type { ModelFile } from '../../engine/formats/model-file-schema.ts';
import { isRunEnd, type RunEndEvent } from '../../trainer/protocol/final-events.ts';
import type { Metric, RunEvent, RunSpecification } from '../../trainer/protocol/protocol.ts';
import { assertUnchanged, findDataset } from '../library/datasets.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';
import type { Run } from '../shared/entities.ts';
import { createId, now } from '../shared/identifiers.ts';
import { assertModelUnchanged, recordedNotice, type CheckOptions } from '../library/model-identity.ts';
import { findModel } from '../library/models.ts';
import { untilUntrained } from '../../trainer/run/run-lock.ts';
import { adoptRun } from './adopt-run.ts';
import { clearRunFolder } from './clear-run-folder.ts';
import type { CheckpointRecord } from '../../store/repositories/checkpoints.ts';
import { findWholeCheckpoint, lastCheckpoint } from './run-checkpoints.ts';
import { createLogLines, endLines } from './log-lines.ts';
import type { RunEnd } from './run-end.ts';
import type { RunLedger } from './run-ledger.ts';
import { openRunLog } from './run-log.ts';
import { deviceNotice, deviceOfSettings } from './run-device.ts';
import { runDirectoryOf, runSpecification } from './run-specification.ts';
import { throttle, updateMilliseconds } from '../shared/throttle.ts';
import { failureOf } from '../trainer-jobs/trainer-job.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';

export interface SessionContext {
  readonly store: Store;
  readonly ledger: RunLedger;
  readonly emit: EmitEvent;
  readonly dataDirectory: string;
  readonly readFiles: ReadFiles;
  /** Told of a run that is over because its news can't be written down, although its process goes on. */
  readonly onLost: (id: string) => void;
  /** Whether a run pauses because the queue does, and waits again then. */
  readonly isHeld: (id: string) => boolean;
}

/** One run from its start to its end, whatever process it is in. What goes wrong on the way ends up in the run's status and error. */
export interface RunSession {
  readonly id: string;
  /**
   * @param signal ends the waiting for an earlier trainer
   * @throws WorkbenchError where its data or model are not what they were, or an earlier trainer is still at work on it
   */
  readonly plan: (signal: AbortSignal) => Promise<RunSpecification>;
  /** Clears away what the run is about to do again. Returns what the trainer is to do. */
  readonly begin: (planned: RunSpecification) => RunSpecification;
  /** @throws what keeps the news from being written down */
  readonly onEvent: (event: RunEvent) => void;
  /** Writes the end down, whatever keeps it from being written. A second end is nothing. */
  readonly finish: (end: RunEnd) => void;
  readonly isOver: () => boolean;
}

/** A run that has just become `running`. */
export const openRunSession = (context: SessionContext, id: string): RunSession => {
  const { store, ledger, emit } = context;
  const waiting: Metric[] = [];
  const log = openRunLog(context.dataDirectory, id);
  const linesOf = createLogLines();
  let finished = false;

  const updates = throttle(
    updateMilliseconds,
    () => {
      const metrics = waiting.splice(0);
      if (metrics.length > 0) {
        writeMetrics(store, id, metrics);
        emit({ name: 'run.metrics', payload: { runId: id, metrics } });
      }
      ledger.announce(id);
    },
    (error) => {
      const failure = failureOf(error);
      finish(failure);
      context.onLost(id);
    },
  );

  const onNews = (news: Exclude<RunEvent, RunEndEvent>): void => {
    switch (news.type) {
      case 'progress':
        ledger.setProgress(id, { phase: news.phase, done: news.done, total: news.total });
        return updates.request();
      case 'planned':
        ledger.change(id, { steps: news.steps });
        return;
      case 'metrics':
        waiting.push(...news.metrics);
        return updates.request();
      case 'samples':
        store.runSamples.insert(id, news.step, news.samples);
        return emit({
          name: 'run.samples',
          payload: { runId: id, step: news.step, samples: news.samples },
        });
      case 'pictures':
        store.runPictures.insert(id, news.step, news.pictures);
        return emit({
          name: 'run.pictures',
          payload: {
            ...{ runId: id, step: news.step, pictures: news.pictures },
            targetPath: join(runDirectoryOf(context.dataDirectory, id), samplesAt(news.step)),
          },
        });
      case 'notice':
        return tell(news.message);
      case 'checkpoint':
        updates.flush(); // a run that goes on from here must find the values before it
        store.transaction(() => {
          const { step, directory } = news;
          store.checkpoints.insert({ runId: id, step, directory, createdAt: now() });
          store.runs.setEventsRead(id, news.logged);
        });
        return updates.request();
    }
  };
  /** Once: a run that goes on comes by some of them again. */
  const tell = (message: string): void => {
    const { notices } = ledger.show(id);
    if (!notices.includes(message)) ledger.change(id, { notices: [...notices, message] });
  };

  /** Also where it falls back to a checkpoint from before the change. */
  const tellDevice = (step: number): void => {
    const run = ledger.show(id);
    const { device } = run;
    if (device === undefined) return;
    tell(deviceNotice(deviceOfSettings(store, run), { ...device, since: Math.min(device.since, step) }));
  };

  const finish = (end: RunEnd): void => {
    if (finished) return;
    finished = true;
    endLines(end).forEach(log.note);
    ledger.setProgress(id, null);
    const outcome = flushBefore(end);
    try {
      recordEnd(context, id, outcome);
    } catch (error) {
      ledger.announceLost(id, outcome.type === 'failed' ? outcome.message : failureOf(error).message);
    }
  };
  const flushBefore = (end: RunEnd): RunEnd => {
    try {
      updates.flush();
      return end;
    } catch (error) {
      updates.cancel();
      return failureOf(error);
    }
  };

  let started:
    | {
        readonly files: readonly ModelFile[];
        readonly checkpoint: CheckpointRecord | undefined;
        readonly notices: readonly string[];
      }
    | undefined;

  return {
    id,
    plan: async (signal) => {
      await untilUntrained(runDirectoryOf(context.dataDirectory, id), { signal });
      const { experimentId } = ledger.show(id);
      const { datasetId, modelId } = findExperiment(store, experimentId);
      await assertUnchanged(context.readFiles, findDataset(store, datasetId));
      adoptRun(store, context.dataDirectory, id);
      const run = ledger.show(id);
      refuseWithoutOrigin(store, run);
      const { checkpoint, notices } = await findWholeCheckpoint(store, run);
      const model = findModel(store, modelId);
      const { files, recordedNow } = await assertModelUnchanged(context, model, modelOfRun(store, id));
      started = { files, checkpoint, notices: [...notices, ...(recordedNow ? [recordedNotice(model)] : [])] };
      return {
        ...runSpecification(store, context.dataDirectory, ledger.show(id), null),
        modelFiles: [...files],
      };
    },
    begin: (planned) => {
      if (started === undefined) throw new Error('a run begins as it was planned');
      const specification = { ...planned, resumeFrom: prepare(context, id, started.checkpoint) };
      log.note(specification.resumeFrom === null ? 'begins' : `goes on from ${specification.resumeFrom}`);
      store.runs.update(id, { modelIdentity: started.files });
      started.notices.forEach(tell);
      tellDevice(started.checkpoint?.step ?? 0);
      return specification;
    },
    onEvent: (event) => {
      if (finished) return;
      linesOf(event).forEach(log.note);
      if (isRunEnd(event)) finish(event);
      else onNews(event);
    },
    finish,
    isOver: () => finished,
  };
};

const writeMetrics = (store: Store, id: string, metrics: readonly Metric[]): void =>
  store.transaction(() => {
    store.metrics.insert(id, metrics);
    store.runs.update(id, { step: Math.max(...metrics.map(({ step }) => step)) });
  });

/** What a run that goes on from a checkpoint has begun on; one that starts takes the model as it was imported. */
const modelOfRun = (store: Store, id: string): CheckOptions => {
  if (lastCheckpoint(store, id) === undefined) return {};
  return { expected: store.runs.find(id)?.modelIdentity ?? null, since: 'since the run began' };
};

/** @throws WorkbenchError where a run was to go on from another, and what it had of that is gone: begun anew it would be another run. */
const refuseWithoutOrigin = (store: Store, { id, origin, configuration }: Run): void => {
  if (origin === undefined || (lastCheckpoint(store, id)?.step ?? 0) >= origin.step) return;
  throw new WorkbenchError(
    'conflict',
    `the run "${configuration.name}" goes on from step ${origin.step} of "${origin.name}", whose checkpoint is gone from its folder; go on from "${origin.name}" anew`,
  );
};

/** Clears away what the run is about to do again. Returns the checkpoint folder to go on from. */
const prepare = (
  { store, ledger, dataDirectory }: SessionContext,
  id: string,
  checkpoint: CheckpointRecord | undefined,
): string | null => {
  if (checkpoint !== undefined) {
    const { startedAt } = ledger.show(id);
    // One that goes on from another run has a checkpoint before it has begun.
    ledger.change(id, { step: checkpoint.step, startedAt: startedAt ?? now() }, () => {
      store.metrics.removeAfter(id, checkpoint.step);
      store.runSamples.removeAfter(id, checkpoint.step);
      store.runPictures.removeAfter(id, checkpoint.step);
    });
    return checkpoint.directory;
  }
  clearRunFolder(runDirectoryOf(dataDirectory, id));
  ledger.change(id, { step: 0, startedAt: now(), notices: [] }, () => {
    store.metrics.removeAll(id);
    store.runSamples.removeAfter(id, -1);
    store.runPictures.removeAfter(id, -1);
    store.runs.setEventsRead(id, 0);
  });
  return null;
};

const recordEnd = (
  { store, ledger, dataDirectory, isHeld }: SessionContext,
  id: string,
  end: RunEnd,
): void => {
  // What it told last may not have come through.
  if (end.type === 'died' || end.type === 'failed') adoptRun(store, dataDirectory, id);
  const { status, step, configuration, notices } = ledger.show(id);
  const endedAt = now();
  /** As it was asked to: it is paused, or waits again where the queue was the one that asked. */
  const rest = (changes: Partial<Pick<Run, 'step' | 'notices'>>, write = (): void => undefined): void => {
    const waitsAgain = status === 'pausing' && isHeld(id);
    const outcome =
      status === 'cancelling'
        ? ({ status: 'cancelled', endedAt } as const)
        : ({ status: waitsAgain ? 'queued' : 'paused' } as const);
    ledger.change(id, { ...changes, ...outcome }, () => {
      write();
      if (waitsAgain) store.runs.moveToFront(id);
    });
  };
  switch (end.type) {
    case 'completed':
      // The trainer's own record stays: its lines have sums, which the cells of a database don't.
      store.writeThrough();
      ledger.change(
        id,
        { status: 'completed', step: end.summary['run/steps'] ?? step, summary: end.summary, endedAt },
        () =>
          store.adapters.insert({
            id: createId(),
            runId: id,
            name: configuration.name,
            method: configuration.adapter.method,
            directory: end.adapterDirectory,
            trainedParameters: end.summary['run/trained_parameters'],
            createdAt: endedAt,
          }),
      );
      return;
    case 'paused': {
      const { step: at, checkpointDirectory: directory } = end;
      return rest({ step: at }, () => {
        if (directory !== null)
          store.checkpoints.insert({ runId: id, step: at, directory, createdAt: endedAt });
      });
    }
    case 'cancelled':
      ledger.change(id, { status: 'cancelled', step: end.step, endedAt });
      return;
    case 'failed':
      ledger.change(id, { status: 'failed', error: end.message, endedAt });
      return;
    case 'died':
      if (status === 'cancelling') ledger.change(id, { status: 'cancelled', endedAt });
      else if (end.askedBy !== undefined) rest({ notices: [...notices, notBegunNotice(end.askedBy)] });
      else
        ledger.change(id, {
          status: 'interrupted',
          error: `${end.message}${hintToResume(store, id)}`,
          endedAt,
        });
      return;
  }
};

const notBegunNotice = (signal: string): string =>
  `the system or a person asked its trainer process to end (${signal}) before it had begun: it was paused where it stood`;

/** What a person can do about a run that was cut off. */
export const hintToResume = (store: Store, id: string): string => {
  const checkpoint = lastCheckpoint(store, id);
  return checkpoint === undefined
    ? '; it can be started again'
    : `; it can go on from step ${checkpoint.step}`;
};
