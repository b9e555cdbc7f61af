import type { AnyQuestion, RunEvent, TrainerEvent } from './protocol.ts';

/** What a job in the trainer process is given besides its specification. */
export interface JobContext {
  /** Reports to the parent. Final events (`completed`, `paused`, …) are the job's own to report, once. */
  readonly emit: (event: TrainerEvent) => void;
  /**
   * How the parent wants the job to end, or null to go on. Read it between steps, after `await`ing a `setImmediate`:
   * messages only get through while the event loop turns.
   * @param run one of the job's, where it has several
   */
  readonly shouldStop: (run?: string) => 'pause' | 'cancel' | null;
}

/** What one run of a training job is given: the same, of that run. */
export interface RunContext {
  readonly emit: (event: RunEvent) => void;
  readonly shouldStop: () => 'pause' | 'cancel' | null;
}

/** A question to a session. */
export interface Asked {
  readonly id: string;
  readonly question: AnyQuestion;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** What a job is given that stays and answers. */
export interface SessionContext extends JobContext {
  /** The next question, once it is asked, in the order of asking; null when the session is to end. */
  readonly nextQuestion: () => Promise<Asked | null>;
}
