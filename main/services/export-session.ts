import type { Store } from '../store/store.ts';
import type { ExportSpecification } from '../trainer/protocol.ts';
import type { SpawnTrainer } from '../trainer/trainer-process.ts';
import type { Progress } from './entity-mapping.ts';
import { steadily, updateMilliseconds } from './steady.ts';
import { failureOf, startTrainerJob } from './trainer-job.ts';
import type { JobEnd, TrainerJob } from './trainer-job.ts';

interface ExportSessionContext {
  readonly store: Store;
  readonly spawnTrainer: SpawnTrainer;
  /** Tells of the export as it now stands. */
  readonly announce: () => void;
}

/** One export with its trainer process. */
export interface ExportSession {
  progress(): Progress | null;
  kill(): void;
  /** Resolves when the process is gone. Never rejects. */
  readonly gone: Promise<void>;
}

export const startExportSession = (
  { store, spawnTrainer, announce }: ExportSessionContext,
  id: string,
  specification: ExportSpecification,
): ExportSession => {
  let progress: Progress | null = null;
  const updates = steadily(updateMilliseconds, announce, () => undefined);

  const finish = (end: JobEnd): void => {
    updates.cancel();
    progress = null;
    try {
      store.exports.update(id, outcomeOf(end));
      announce();
    } catch {
      // A full disk: the export is found unfinished, and marked as failed, at the next start.
    }
  };
  const start = (): TrainerJob | undefined => {
    try {
      return startTrainerJob(
        spawnTrainer,
        { type: 'export', specification },
        {
          onNews: (news) => {
            if (news.type !== 'progress') return;
            progress = { phase: news.phase, done: news.done, total: news.total };
            updates.request();
          },
          onEnd: finish,
        },
      );
    } catch (error) {
      finish(failureOf(error));
      return undefined;
    }
  };

  const job = start();
  return { progress: () => progress, kill: () => job?.kill(), gone: job?.gone ?? Promise.resolve() };
};

const outcomeOf = (end: JobEnd) => {
  switch (end.type) {
    case 'exported':
      return { status: 'completed', summary: end.summary };
    case 'failed':
    case 'died':
      return { status: 'failed', error: end.message };
    default:
      return { status: 'failed', error: `the trainer answered an export with "${end.type}"` };
  }
};
