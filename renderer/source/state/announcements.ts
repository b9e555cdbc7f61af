import { scoreOf } from '../format/run.ts';
import type { Comparison, Export, Run, WorkbenchEvent } from '../../../main/api/contract.ts';

/** What is said of a run, an export or a comparison whose status has become this; nothing of those that are not here. */
const ofRun: Partial<Record<Run['status'], (run: Run) => string>> = {
  running: ({ step }) => (step > 0 ? 'goes on' : 'has started'),
  completed: (run) => `is finished${scoreOf(run)}`,
  failed: ({ error }) => `failed: ${error ?? 'no reason is known'}`,
  interrupted: ({ error }) => `was interrupted: ${error ?? 'no reason is known'}`,
  paused: ({ step }) => `is paused at step ${step}`,
  cancelled: () => 'is cancelled',
};

const ofExport: Partial<Record<Export['status'], (exported: Export) => string>> = {
  completed: ({ destination }) => `The export is written to ${destination}`,
  failed: ({ error }) => `The export failed: ${error ?? 'no reason is known'}`,
};

const ofComparison: Partial<Record<Comparison['status'], (comparison: Comparison) => string>> = {
  completed: ({ sentence }) => `is answered${sentence === null ? '' : `: ${sentence}`}`,
  failed: ({ error }) => `failed: ${error ?? 'no reason is known'}`,
};

interface Told {
  readonly id: string;
  readonly status: string;
  readonly sentence: string | undefined;
}

const toldBy = (event: WorkbenchEvent): Told | undefined => {
  if (event.name === 'run.changed') {
    const { id, status, configuration } = event.payload;
    const text = ofRun[status]?.(event.payload);
    return { id, status, sentence: text && `${configuration.name} ${text}` };
  }
  if (event.name === 'export.changed') {
    const { id, status } = event.payload;
    return { id, status, sentence: ofExport[status]?.(event.payload) };
  }
  if (event.name === 'comparison.changed') {
    const { id, status, name } = event.payload;
    const text = ofComparison[status]?.(event.payload);
    return { id, status, sentence: text && `${name} ${text}` };
  }
  return undefined;
};

/** Turns events into what a reader is told: where something begins or ends, and never its steps. */
export const createAnnouncements = (): ((event: WorkbenchEvent) => string | undefined) => {
  const statuses = new Map<string, string>();
  return (event) => {
    const told = toldBy(event);
    if (told === undefined || statuses.get(told.id) === told.status) return undefined;
    const isFirstHeard = !statuses.has(told.id);
    statuses.set(told.id, told.status);
    // One that was under way before the window opened has not started now.
    const wasUnderWay =
      isFirstHeard &&
      event.name === 'run.changed' &&
      told.status === 'running' &&
      event.payload.progress !== null;
    return wasUnderWay ? undefined : told.sentence;
  };
};
