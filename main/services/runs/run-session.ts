import { rmSync } from 'node:fs';
import type { Store } from '../../store/store.ts';
import type { Metric } from '../../trainer/protocol/protocol.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import { assertUnchanged, findDataset } from '../library/datasets.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';
import { createId, now } from '../shared/identifiers.ts';
import type { MemoryChecks } from '../memory/memory-checks.ts';
import { assertModelUnchanged, recordedNotice, type CheckOptions } from '../library/model-identity.ts';
import { findModel } from '../library/models.ts';
import { adoptCheckpoints, lastCheckpoint } from './run-checkpoints.ts';
import type { RunLedger } from './run-ledger.ts';
import { runDirectoryOf, runSpecification } from './run-specification.ts';
import { throttle, updateMilliseconds } from '../shared/throttle.ts';
import { failureOf, startTrainerJob } from '../trainer-jobs/trainer-job.ts';
import type { JobEnd, TrainerJob, TrainerNews } from '../trainer-jobs/trainer-job.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';

export interface SessionContext {
  readonly store: Store;
  readonly ledger: RunLedger;
  readonly emit: EmitEvent;
  readonly spawnTrainer: SpawnTrainer;
  readonly dataDirectory: string;
  readonly memory: MemoryChecks;
}

/** One run with its trainer process, from start to end. */
export interface RunSession {
  stop(how: 'pause' | 'cancel'): void;
  kill(): void;
  /** Resolves when the run's end is written down and the process is gone. Never rejects. */
  readonly gone: Promise<void>;
}

/** Takes a run that has just become `running` to its end. What goes wrong on the way ends up in the run's status and error. */
export const startRunSession = (context: SessionContext, id: string): RunSession => {
  const { store, ledger, emit, spawnTrainer } = context;
  const waiting: Metric[] = [];
  let job: TrainerJob | undefined;
  let requested: 'pause' | 'cancel' | 'kill' | undefined;
  let finished = false;
  const estimate = new AbortController();

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
      job?.kill();
      finish(failureOf(error));
    },
  );

  const onNews = (news: TrainerNews): void => {
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
      case 'notice':
        ledger.change(id, { notices: [...ledger.show(id).notices, news.message] });
        return;
      case 'checkpoint':
        updates.flush(); // a run that goes on from here must find the values before it
        store.checkpoints.insert({ runId: id, step: news.step, directory: news.directory, createdAt: now() });
        return updates.request();
    }
  };

  const finish = (end: JobEnd): void => {
    if (finished) return;
    finished = true;
    ledger.setProgress(id, null);
    const outcome = flushBefore(
      end.type === 'died' && requested === 'kill' ? { ...end, message: endedByUs } : end,
    );
    try {
      recordEnd(context, id, outcome);
    } catch (error) {
      ledger.announceLost(id, outcome.type === 'failed' ? outcome.message : failureOf(error).message);
    }
  };
  const flushBefore = (end: JobEnd): JobEnd => {
    try {
      updates.flush();
      return end;
    } catch (error) {
      updates.cancel();
      return failureOf(error);
    }
  };

  const run = async (): Promise<void> => {
    try {
      const { experimentId } = ledger.show(id);
      const { datasetId, modelId } = findExperiment(store, experimentId);
      await assertUnchanged(findDataset(store, datasetId));
      adoptCheckpoints(store, context.dataDirectory, id);
      const model = findModel(store, modelId);
      const { files, recordedNow } = await assertModelUnchanged(store, model, modelOfRun(store, id));
      const run = runSpecification(store, context.dataDirectory, ledger.show(id), null);
      const planned = { ...run, modelFiles: [...files] };
      await context.memory.refuseTooLarge(planned, estimate.signal);
      if (requested === 'kill') return finish({ type: 'died', message: endedByUs });
      const specification = { ...planned, resumeFrom: prepare(context, id) };
      store.runs.update(id, { modelIdentity: files });
      if (recordedNow) onNews({ type: 'notice', message: recordedNotice(model) });
      job = startTrainerJob(spawnTrainer, { type: 'train', specification }, { onNews, onEnd: finish });
      if (requested !== undefined) job.send({ type: requested });
      await job.gone;
    } catch (error) {
      finish(failureOf(error));
    }
  };

  return {
    stop: (how) => {
      requested = how;
      job?.send({ type: how });
    },
    kill: () => {
      requested = 'kill';
      estimate.abort();
      job?.kill();
    },
    gone: run(),
  };
};

const endedByUs = 'the workbench ended the trainer process, which had not stopped in time';

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

/** Clears away what the run is about to do again. Returns the checkpoint folder to go on from. */
const prepare = ({ store, ledger, dataDirectory }: SessionContext, id: string): string | null => {
  const checkpoint = lastCheckpoint(store, id);
  if (checkpoint !== undefined) {
    ledger.change(id, { step: checkpoint.step }, () => store.metrics.removeAfter(id, checkpoint.step));
    return checkpoint.directory;
  }
  rmSync(runDirectoryOf(dataDirectory, id), { recursive: true, force: true });
  ledger.change(id, { step: 0, startedAt: now(), notices: [] }, () => store.metrics.removeAll(id));
  return null;
};

const recordEnd = ({ store, ledger }: SessionContext, id: string, end: JobEnd): void => {
  const { status, step, configuration } = ledger.show(id);
  const endedAt = now();
  switch (end.type) {
    case 'completed':
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
      const { checkpointDirectory: directory } = end;
      const checkpoint = { runId: id, step: end.step, directory, createdAt: endedAt };
      const outcome =
        status === 'cancelling'
          ? ({ status: 'cancelled', endedAt } as const)
          : ({ status: 'paused' } as const);
      ledger.change(id, { ...outcome, step: end.step }, () => store.checkpoints.insert(checkpoint));
      return;
    }
    case 'cancelled':
      ledger.change(id, { status: 'cancelled', step: end.step, endedAt });
      return;
    case 'failed':
      ledger.change(id, { status: 'failed', error: end.message, endedAt });
      return;
    case 'died':
      if (status === 'cancelling') ledger.change(id, { status: 'cancelled', endedAt });
      else
        ledger.change(id, {
          status: 'interrupted',
          error: `${end.message}${hintToResume(store, id)}`,
          endedAt,
        });
      return;
    default:
      ledger.change(id, {
        status: 'failed',
        error: `the trainer answered a training job with "${end.type}"`,
        endedAt,
      });
  }
};

/** What a person can do about a run that was cut off. */
export const hintToResume = (store: Store, id: string): string => {
  const checkpoint = lastCheckpoint(store, id);
  return checkpoint === undefined
    ? '; it can be started again'
    : `; it can go on from step ${checkpoint.step}`;
};
