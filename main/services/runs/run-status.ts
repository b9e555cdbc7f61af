import { WorkbenchError } from '../../engine/errors.ts';
import type { RunStatus } from '../shared/entities.ts';

/** Every step that a run's status may take. */
export const allowedTransitions: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  created: ['queued'],
  queued: ['running', 'created', 'paused', 'cancelled'],
  running: ['pausing', 'paused', 'cancelling', 'cancelled', 'completed', 'failed', 'interrupted'],
  pausing: ['paused', 'queued', 'cancelling', 'completed', 'failed', 'interrupted'],
  paused: ['queued', 'cancelled'],
  cancelling: ['cancelled', 'completed', 'failed', 'interrupted'],
  cancelled: ['queued'],
  completed: [],
  failed: ['queued'],
  interrupted: ['queued'],
};

/** A trainer process belongs to it. */
export const activeStatuses = ['running', 'pausing', 'cancelling'] as const satisfies RunStatus[];

export const isActive = (status: RunStatus): boolean =>
  (activeStatuses as readonly RunStatus[]).includes(status);

/** Nothing happens to it until somebody asks. */
export const isAtRest = (status: RunStatus): boolean => status !== 'queued' && !isActive(status);

const verbFor: Readonly<Record<RunStatus, string>> = {
  created: 'taken from the queue',
  queued: 'started',
  running: 'run',
  pausing: 'paused',
  paused: 'paused',
  cancelling: 'cancelled',
  cancelled: 'cancelled',
  completed: 'completed',
  failed: 'failed',
  interrupted: 'interrupted',
};

/** @throws WorkbenchError `conflict`, with a sentence */
export const assertTransition = (name: string, from: RunStatus, to: RunStatus): void => {
  if (allowedTransitions[from].includes(to)) return;
  throw new WorkbenchError('conflict', `the run "${name}" is ${from}: it can't be ${verbFor[to]}`);
};
