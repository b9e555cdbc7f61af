import { WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import type { EventListener } from '../shared/event-bus.ts';
import { now } from '../shared/identifiers.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';
import type { Ownership } from '../shared/ownership.ts';
import type { Queue, QueuedRun } from '../shared/queue-entity.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import type { RunLedger } from './run-ledger.ts';
import type { RunQueue } from './run-queue.ts';
import { activeStatuses, isActive } from './run-status.ts';

interface QueueServiceContext {
  readonly store: Store;
  readonly ledger: RunLedger;
  readonly queue: Pick<RunQueue, 'advance' | 'hold'>;
  readonly ownership: Pick<Ownership, 'held'>;
  readonly emit: EmitEvent;
  readonly subscribe: (listener: EventListener) => () => void;
  readonly reportDefect: (error: unknown) => void;
}

/** Of those that wait, how many are told by name. */
const mostNamed = 20;
const watchMilliseconds = 1000;

/**
 * The queue as people see it. Whoever pauses it writes that down, be it another process; the one that runs the queue sees it within a second. So
 * `nora queue pause` frees a machine on which a window trains.
 */
export const createQueueService = (context: QueueServiceContext) => {
  const { store, ledger, queue, ownership, emit } = context;
  const asked = (): string => JSON.stringify(store.queue.read());
  let followed = asked();
  let isClosed = false;
  let isDue = false;

  const entryOf = (runId: string): QueuedRun => {
    const { configuration, experimentId, status, step, steps, progress } = ledger.show(runId);
    return {
      runId,
      name: configuration.name,
      experimentId,
      experimentName: store.experiments.find(experimentId)?.name ?? '',
      comparisonId: store.comparisons.ofRun(runId) ?? null,
      status,
      step,
      steps,
      progress,
    };
  };
  const jobs = (): Queue['jobs'] =>
    (['scoring', 'diagnosing'] as const).flatMap((status) =>
      store.comparisons
        .withStatus([status])
        .filter(({ id }) => (status === 'scoring' ? isScored(store, id) : isDiagnosed(store, id)))
        .map(({ id, name }) => ({ comparisonId: id, name, status })),
    );
  const show = (): Queue => {
    const waiting = store.runs.queued();
    return {
      ...store.queue.read(),
      running: store.runs.withStatus(activeStatuses).map(entryOf),
      jobs: jobs(),
      waiting: waiting.length,
      next: waiting.slice(0, mostNamed).map(entryOf),
    };
  };

  /** Later: one change often comes with many others. */
  const announce = (): void => {
    if (isDue || isClosed) return;
    isDue = true;
    setImmediate(() => {
      isDue = false;
      if (!isClosed) emit({ name: 'queue.changed', payload: show() });
    });
  };

  const follow = (): void => {
    if (asked() === followed) return;
    followed = asked();
    const { pausedAt, andRunning } = store.queue.read();
    if (ownership.held && pausedAt === null) queue.advance();
    else if (ownership.held && andRunning) queue.hold();
    announce();
  };
  // It keeps the process alive, too: one that waits for a paused queue has nothing else to wait for.
  const timer = setInterval(() => {
    try {
      follow();
    } catch (error) {
      if (!(error instanceof WorkbenchError)) context.reportDefect(error); // a library that is gone is told to whoever asks
    }
  }, watchMilliseconds);

  const known = new Map<string, string>();
  const stop = context.subscribe((event) => {
    if (event.name === 'experiments.changed' || event.name === 'comparison.changed') return announce();
    if (event.name !== 'run.changed') return;
    const { id, status } = event.payload;
    if (known.get(id) === status) return;
    if (isActive(status)) known.set(id, status);
    else known.delete(id);
    announce();
  });

  return {
    methods: {
      show,
      pause: ({ andRunning }) => {
        store.queue.pause(now(), andRunning);
        follow();
        return show();
      },
      resume: () => {
        store.queue.resume();
        follow();
        return show();
      },
    } satisfies WorkbenchMethods['queue'],
    close: (): void => {
      isClosed = true;
      clearInterval(timer);
      stop();
    },
  };
};

const isScored = (store: Store, comparisonId: string): boolean =>
  store.assessments.ofComparison(comparisonId).some(({ status }) => status === 'running');

const isDiagnosed = (store: Store, comparisonId: string): boolean =>
  store.comparisonDiagnoses.stateOf(comparisonId)?.status === 'running';
