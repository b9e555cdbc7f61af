import type { Store } from '../../store/store.ts';
import type { RunSpecification } from '../../trainer/protocol/protocol.ts';
import type { RunStatus } from '../shared/entities.ts';
import { leavingRuns } from './leaving-runs.ts';
import { lastCheckpoint } from './run-checkpoints.ts';
import type { Ownership } from '../shared/ownership.ts';
import type { RunLedger } from './run-ledger.ts';
import type { Company, RunProcess } from './run-process.ts';
import { failureOf } from '../trainer-jobs/trainer-job.ts';
import { setAwakeTimeout } from '../shared/awake.ts';

/** Work that is no run and takes a place beside them, so that it is not measured with what runs beside it, nor they with it. */
export interface QueueJob {
  /** Ends it in its own time, or at once. What it has done by then stands. */
  stop(): void;
  kill(): void;
  /** Resolves when it is over. Never rejects. */
  readonly gone: Promise<void>;
}

/** Processes one after the other, first in, first out, with a given number at a time: of a run, and of those that train beside it. */
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
  /** Has everything that is at work stop, each run with a checkpoint, and wait again: first of all, for when the queue goes on. */
  hold(): void;
  /** A held run is to be paused for itself: it does not wait again. */
  letGo(id: string): void;
  /**
   * Pauses what runs, ends what has not paused in time, and starts nothing more.
   * @param graceMilliseconds for all of it; where absent, each run has the time that its steps take, and a job half a minute
   */
  close(graceMilliseconds?: number): Promise<void>;
}

/** What a job has done by then stands. */
const jobGraceMilliseconds = 30_000;

export interface RunQueueOptions {
  readonly store: Store;
  readonly ledger: RunLedger;
  /** Processes at a time. */
  readonly concurrency: number;
  /** Runs that wait are another process's where this one does not run the queue: they stay as they are. */
  readonly ownership: Pick<Ownership, 'held'>;
  readonly startProcess: (id: string, company: Company, isHeld: (id: string) => boolean) => RunProcess;
  /** Those of the waiting runs, in their order, that may train in the process of a run that starts. */
  readonly companyOf: (id: string, waiting: readonly string[]) => readonly string[];
  readonly specificationOf: (id: string) => RunSpecification;
}

export const createRunQueue = ({
  store,
  ledger,
  concurrency,
  ownership,
  startProcess,
  companyOf,
  specificationOf,
}: RunQueueOptions): RunQueue => {
  /** By the run: several have the same one. */
  const processes = new Map<string, RunProcess>();
  const waitingJobs = new Map<string, () => QueueJob>();
  const jobs = new Map<string, QueueJob>();
  /** Runs that pause because the queue does. */
  const held = new Set<string>();
  let closing = false;

  const running = (): Set<RunProcess> => new Set(processes.values());
  const hasRoom = (): boolean => running().size + jobs.size < concurrency;

  const startsNothing = (): boolean => closing || store.queue.read().pausedAt !== null;

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
    if (startsNothing()) return;
    startJobs();
    for (const id of store.runs.queued()) {
      if (!hasRoom()) return;
      if (!isFree(id)) continue;
      markRunning(id);
      const company: Company = { waiting: () => waitingBeside(id), take: (other) => take(other, started) };
      const started = startProcess(id, company, (run) => held.has(run));
      processes.set(id, started);
      void started.gone.then(() => {
        for (const [run, process] of processes) if (process === started) forget(run);
        advanceOrTell();
      });
    }
  };

  const forget = (id: string): void => {
    processes.delete(id);
    held.delete(id);
  };

  /** A run that was paused and queued again at once waits until its old process is gone. */
  const isFree = (id: string): boolean => !processes.has(id);

  const markRunning = (id: string): void =>
    void ledger.change(id, { status: 'running', error: null, endedAt: null });

  const waitingBeside = (id: string): ReturnType<Company['waiting']> =>
    startsNothing()
      ? []
      : companyOf(id, store.runs.queued().filter(isFree)).map((other) => ({
          id: other,
          specification: specificationOf(other),
        }));

  /** It may have left the queue, or got a process of its own, since it was looked at. */
  const take = (id: string, into: RunProcess): boolean => {
    if (startsNothing() || !isFree(id) || !store.runs.queued().includes(id)) return false;
    try {
      markRunning(id);
    } catch {
      return false; // on a full disk; it is told when its own turn comes
    }
    processes.set(id, into);
    return true;
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

  const pauseRunning = (): void => {
    for (const [id, process] of processes) {
      if (store.runs.find(id)?.status !== 'running') continue;
      if (!closing) held.add(id);
      changeIfRoom(id, 'pausing');
      process.stop(id, 'pause');
    }
    for (const job of jobs.values()) job.stop();
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
    stop: (id, how) => processes.get(id)?.stop(id, how),
    kill: (id) => processes.get(id)?.kill(id),
    hold: pauseRunning,
    letGo: (id) => void held.delete(id),
    close: async (graceMilliseconds) => {
      closing = true;
      if (ownership.held) for (const id of leavingRuns(store)) changeIfRoom(id, unqueuedStatus(store, id));
      pauseRunning();
      const ofRuns = [...running()];
      if (graceMilliseconds === undefined) for (const process of ofRuns) process.endIfSilent();
      const timer = setAwakeTimeout(() => {
        if (graceMilliseconds !== undefined) for (const process of ofRuns) process.killAll();
        for (const job of jobs.values()) job.kill();
      }, graceMilliseconds ?? jobGraceMilliseconds);
      await Promise.all([...ofRuns, ...jobs.values()].map(({ gone }) => gone));
      timer.clear();
    },
  };
};

/** What a run is again that leaves the queue before its turn. */
export const unqueuedStatus = (store: Store, id: string): Extract<RunStatus, 'paused' | 'created'> =>
  lastCheckpoint(store, id) === undefined ? 'created' : 'paused';
