import type { Store } from '../../store/store.ts';
import type { RunStatus } from '../shared/entities.ts';
import { lastCheckpoint } from './run-checkpoints.ts';
import type { Ownership } from '../shared/ownership.ts';
import type { RunLedger } from './run-ledger.ts';
import type { RunSession } from './run-session.ts';
import { failureOf } from '../trainer-jobs/trainer-job.ts';

/** Work that is no run and takes a place beside them, so that it is not measured with what runs beside it, nor they with it. */
export interface QueueJob {
  /** Ends it in its own time, or at once. What it has done by then stands. */
  stop(): void;
  kill(): void;
  /** Resolves when it is over. Never rejects. */
  readonly gone: Promise<void>;
}

/** Runs one after the other, first in, first out, with a given number at a time. */
export interface RunQueue {
  /** Starts queued runs while there is room. */
  advance(): void;
  /**
   * Starts a job once there is room, before the runs that wait. Nothing is stored of it: whoever adds it does so again after a restart. The
   * same key a second time is the same job.
   */
  add(key: string, start: () => QueueJob): void;
  /** Ends a job, or takes it out before its turn. */
  drop(key: string): void;
  stop(id: string, how: 'pause' | 'cancel'): void;
  kill(id: string): void;
  /** Pauses what runs, ends what has not paused in time, and starts nothing more. */
  close(graceMilliseconds: number): Promise<void>;
}

export const createRunQueue = (
  store: Store,
  ledger: RunLedger,
  concurrency: number,
  /** Runs that wait are another process's where this one does not run the queue: they stay as they are. */
  ownership: Pick<Ownership, 'held'>,
  startSession: (id: string) => RunSession,
): RunQueue => {
  const sessions = new Map<string, RunSession>();
  const waitingJobs = new Map<string, () => QueueJob>();
  const jobs = new Map<string, QueueJob>();
  let closing = false;

  const hasRoom = (): boolean => sessions.size + jobs.size < concurrency;

  const startJobs = (): void => {
    for (const [key, start] of waitingJobs) {
      if (!hasRoom()) return;
      // One that was ended and added again at once waits until its old process is gone.
      if (jobs.has(key)) continue;
      waitingJobs.delete(key);
      const job = start();
      jobs.set(key, job);
      void job.gone.then(() => {
        jobs.delete(key);
        advanceOrTell();
      });
    }
  };

  const advance = (): void => {
    if (closing) return;
    startJobs();
    for (const id of store.runs.queued()) {
      if (!hasRoom()) return;
      // A run that was paused and queued again at once waits until its old process is gone.
      if (sessions.has(id)) continue;
      ledger.change(id, { status: 'running', error: null, endedAt: null });
      const session = startSession(id);
      sessions.set(id, session);
      void session.gone.then(() => {
        sessions.delete(id);
        advanceOrTell();
      });
    }
  };

  const advanceOrTell = (): void => {
    try {
      advance();
    } catch (error) {
      // The next run can't be marked as running (a full disk). Whoever waits for the queue must hear of it.
      for (const next of store.runs.queued()) ledger.announceLost(next, failureOf(error).message);
    }
  };

  /** A full disk must not keep the workbench from closing: what could not be written is put right at the next start. */
  const changeIfRoom = (id: string, status: RunStatus): void => {
    try {
      ledger.change(id, { status });
    } catch (error) {
      ledger.announceLost(id, failureOf(error).message);
    }
  };

  return {
    advance,
    add: (key, start) => {
      waitingJobs.set(key, start);
      advance();
    },
    drop: (key) => {
      waitingJobs.delete(key);
      jobs.get(key)?.stop();
    },
    stop: (id, how) => sessions.get(id)?.stop(how),
    kill: (id) => sessions.get(id)?.kill(),
    close: async (graceMilliseconds) => {
      closing = true;
      if (ownership.held) for (const id of store.runs.queued()) changeIfRoom(id, unqueuedStatus(store, id));
      for (const [id, session] of sessions) {
        if (ledger.show(id).status !== 'running') continue;
        changeIfRoom(id, 'pausing');
        session.stop('pause');
      }
      for (const job of jobs.values()) job.stop();
      const processes = [...sessions.values(), ...jobs.values()];
      const timer = setTimeout(() => processes.forEach((one) => one.kill()), graceMilliseconds);
      await Promise.all(processes.map(({ gone }) => gone));
      clearTimeout(timer);
    },
  };
};

/** What a run is again that leaves the queue before its turn. */
export const unqueuedStatus = (store: Store, id: string): Extract<RunStatus, 'paused' | 'created'> =>
  lastCheckpoint(store, id) === undefined ? 'created' : 'paused';
