import type { Store } from '../../store/store.ts';
import { findCheckpoints } from '../../trainer/run/checkpoint-folders.ts';
import { readEvents, type KeptEvent } from '../../trainer/run/event-log.ts';
import { now } from '../shared/identifiers.ts';
import { runDirectoryOf } from './run-specification.ts';

/**
 * Takes the disk's word for what a run has done: a trainer whose parent died goes on to its next checkpoint, of which nobody heard, and
 * clears older ones away. What it measured until then it wrote down; what is known already comes out the same.
 */
export const adoptRun = (store: Store, dataDirectory: string, runId: string): void =>
  store.transaction(() => {
    const directory = runDirectoryOf(dataDirectory, runId);
    store.checkpoints.removeAll(runId);
    for (const checkpoint of findCheckpoints(directory))
      store.checkpoints.insert({ ...checkpoint, runId, createdAt: now() });
    const { events, end } = readEvents(directory, store.runs.eventsRead(runId));
    for (const event of events) adoptEvent(store, runId, event);
    store.runs.setEventsRead(runId, end);
  });

const adoptEvent = (store: Store, runId: string, event: KeptEvent): void => {
  switch (event.type) {
    case 'planned':
      return store.runs.update(runId, { steps: event.steps });
    case 'metrics':
      store.metrics.insert(runId, event.metrics);
      return store.runs.update(runId, { step: Math.max(...event.metrics.map(({ step }) => step)) });
    case 'samples':
      return store.runSamples.insert(runId, event.step, event.samples);
    case 'notice': {
      const notices = store.runs.find(runId)?.notices ?? [];
      if (!notices.includes(event.message))
        store.runs.update(runId, { notices: [...notices, event.message] });
    }
  }
};
