import type { ModelFile } from '../../engine/formats/model-file-schema.ts';
import type { ExportRecord } from '../../store/repositories/exports.ts';
import type { Store } from '../../store/store.ts';
import type { ExportSpecification } from '../../trainer/protocol/protocol.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import type { Progress } from '../shared/entity-mapping.ts';
import { throttle, updateMilliseconds } from '../shared/throttle.ts';
import { outcomeAfterDeath } from './recover-exports.ts';
import { failureOf, startTrainerJob } from '../trainer-jobs/trainer-job.ts';
import type { JobEnd, TrainerJob } from '../trainer-jobs/trainer-job.ts';

interface ExportSessionContext {
  readonly store: Store;
  readonly spawnTrainer: SpawnTrainer;
  /** Reads the model's files before anything is written. @throws WorkbenchError where they are not what they were */
  readonly verify: (onRead: (bytes: number, of: number) => void) => Promise<readonly ModelFile[]>;
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
  { store, spawnTrainer, verify, announce }: ExportSessionContext,
  id: string,
  specification: ExportSpecification,
): ExportSession => {
  let progress: Progress | null = null;
  const updates = throttle(updateMilliseconds, announce, () => undefined);

  const finish = (end: JobEnd): void => {
    updates.cancel();
    progress = null;
    try {
      store.exports.update(id, outcomeOf(end, { id, destination: specification.destination }));
      announce();
    } catch {
      // A full disk: the export is found unfinished, and marked as failed, at the next start.
    }
  };
  let job: TrainerJob | undefined;
  let killed = false;
  const run = async (): Promise<void> => {
    try {
      const files = await verify((done, total) => {
        progress = { phase: 'verifying', done, total };
        updates.request();
      });
      if (killed)
        return finish({ type: 'died', message: 'the workbench was closed before anything was written' });
      job = startTrainerJob(
        spawnTrainer,
        { type: 'export', specification: { ...specification, modelFiles: [...files] } },
        {
          onNews: (news) => {
            if (news.type !== 'progress') return;
            progress = { phase: news.phase, done: news.done, total: news.total };
            updates.request();
          },
          onEnd: finish,
        },
      );
      await job.gone;
    } catch (error) {
      finish(failureOf(error));
    }
  };

  return {
    progress: () => progress,
    kill: () => {
      killed = true;
      job?.kill();
    },
    gone: run(),
  };
};

const outcomeOf = (end: JobEnd, record: Pick<ExportRecord, 'id' | 'destination'>) => {
  switch (end.type) {
    case 'exported':
      return { status: 'completed', summary: end.summary };
    case 'failed':
      return { status: 'failed', error: end.message };
    case 'died':
      return outcomeAfterDeath(record, end.message);
    default:
      return { status: 'failed', error: `the trainer answered an export with "${end.type}"` };
  }
};
