import type { Queue, QueuedRun, Run } from '../../../main/api/contract.ts';
import { formatCount } from './number.ts';

export const isPaused = (queue: Queue | undefined): boolean => queue !== undefined && queue.pausedAt !== null;

/** `3 runs wait` */
export const describeWaiting = (count: number): string =>
  count === 1 ? '1 run waits' : `${formatCount(count)} runs wait`;

/** The part of the whole run that is trained, from 0 to 1. */
export const trainedPart = ({ step, steps }: Pick<QueuedRun, 'step' | 'steps'>): number =>
  steps === null || steps === 0 ? 0 : Math.min(1, step / steps);

/** 37 % */
export const formatTrained = (run: Pick<QueuedRun, 'step' | 'steps'>): string =>
  `${Math.floor(100 * trainedPart(run))} %`;

/** The queue with what has become of a run that it has started. */
export const withRunProgress = (queue: Queue, { id, status, step, steps, progress }: Run): Queue =>
  queue.running.every(({ runId }) => runId !== id)
    ? queue
    : {
        ...queue,
        running: queue.running.map((run) =>
          run.runId === id ? { ...run, status, step, steps, progress } : run,
        ),
      };
