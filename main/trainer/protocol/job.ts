import type { TrainerEvent } from './protocol.ts';

/** What a job in the trainer process is given besides its specification. */
export interface JobContext {
  /** Reports to the parent. Final events (`completed`, `paused`, …) are the job's own to report, once. */
  readonly emit: (event: TrainerEvent) => void;
  /**
   * How the parent wants the job to end, or null to go on. Read it between steps, after `await`ing a `setImmediate`:
   * messages only get through while the event loop turns.
   */
  readonly shouldStop: () => 'pause' | 'cancel' | null;
}
