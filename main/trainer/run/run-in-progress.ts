import { WorkbenchError } from '../../engine/errors.ts';
import type { Trainer } from '../../engine/train/trainer.ts';
import type { RunContext } from '../protocol/job.ts';
import type { RunSpecification } from '../protocol/protocol.ts';
import type { RunPlace } from './group/run-place.ts';
import type { PreparedRun } from './prepare-run.ts';
import type { Report } from './report.ts';
import type { RunStream } from './run-batches.ts';
import type { EventLog } from './event-log.ts';
import type { RunGuard } from './run-guard.ts';
import type { RunJournal } from './run-journal.ts';

/** A run between its preparation and its end: what its parts share. */
export interface RunInProgress {
  readonly specification: RunSpecification;
  readonly prepared: PreparedRun;
  readonly trainer: Trainer;
  /** The batches of training, in their order. */
  readonly stream: RunStream;
  readonly journal: RunJournal;
  readonly emit: RunContext['emit'];
  readonly report: Report;
  readonly place: RunPlace;
  readonly guard: RunGuard;
  readonly events: Pick<EventLog, 'sync'>;
}

/** @param what is no longer a number @param help what a person can try @param module where it began, if that is known */
export const diverged = (what: string, help: string, module?: string): WorkbenchError => {
  const from = module === undefined ? '' : `, from ${module} on`;
  return new WorkbenchError('invalid-input', `${what} is no longer a finite number${from}; try ${help}`);
};
