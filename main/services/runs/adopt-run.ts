import type { Store } from '../../store/store.ts';
import { findCheckpoints } from '../../trainer/run/checkpoint-folders.ts';
import { readEvents, type KeptEvent } from '../../trainer/run/event-log.ts';
import type { Metric } from '../../trainer/protocol/protocol.ts';
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
    adoptMetrics(
      store,
      runId,
      events.flatMap((event) => (event.type === 'metrics' ? event.metrics : [])),
    );
    store.runs.setEventsRead(runId, end);
  });

/** All at once: what curves are drawn from is made anew for each insertion. */
const adoptMetrics = (store: Store, runId: string, metrics: readonly Metric[]): void => {
  const last = metrics.at(-1);
  if (last === undefined) return;
  store.metrics.insert(runId, metrics);
  store.runs.update(runId, { step: last.step });
};

const adoptEvent = (store: Store, runId: string, event: KeptEvent): void => {
  switch (event.type) {
    case 'planned':
      return store.runs.update(runId, { steps: event.steps });
    case 'samples':
      return store.runSamples.insert(runId, event.step, event.samples);
    case 'pictures':
      return store.runPictures.insert(runId, event.step, event.pictures);
    case 'notice': {
      const notices = store.runs.find(runId)?.notices ?? [];
      if (!notices.includes(event.message))
        store.runs.update(runId, { notices: [...notices, event.message] });
    }
  }
};
