import type { RunEndEvent } from '../../trainer/protocol/final-events.ts';
import type { Died } from '../trainer-jobs/trainer-job.ts';

/** How a run ended: as its trainer told, or with the process. */
export type RunEnd = RunEndEvent | Died;
