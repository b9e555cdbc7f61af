import { existsSync } from 'node:fs';
import { WorkbenchError } from '../../engine/errors.ts';
import { checkCheckpoint } from '../../engine/train/checkpoint.ts';
import type { CheckpointRecord } from '../../store/repositories/checkpoints.ts';
import type { Store } from '../../store/store.ts';
import type { Run } from '../shared/entities.ts';

/** The latest checkpoint that is still on the disk. */
export const lastCheckpoint = (store: Store, runId: string): CheckpointRecord | undefined =>
  store.checkpoints.ofRun(runId).find(({ directory }) => existsSync(directory));

/** Where a run is to go on, and what a person should know of the checkpoints before that was clear. */
export interface FoundCheckpoint {
  /** Undefined for a run that has none. */
  readonly checkpoint: CheckpointRecord | undefined;
  readonly notices: readonly string[];
}

/**
 * The latest checkpoint that is what was written: every byte is read.
 * @throws WorkbenchError 'conflict' where there are some and none is whole
 */
export const findWholeCheckpoint = async (
  store: Store,
  { id, configuration, origin }: Pick<Run, 'id' | 'configuration' | 'origin'>,
): Promise<FoundCheckpoint> => {
  const broken: string[] = [];
  for (const checkpoint of store.checkpoints.ofRun(id)) {
    const { directory, step } = checkpoint;
    if (!existsSync(directory)) continue;
    const problem = await problemOf(directory);
    if (problem !== null && problem !== 'without-sums') {
      broken.push(problem.message);
      continue;
    }
    return {
      checkpoint,
      notices: [
        ...broken.map((message) => `${message}; the run goes on from step ${step} instead`),
        ...(problem === 'without-sums'
          ? [
              `the checkpoint of step ${step} is of an older version and has no sums: that it is whole can't be told`,
            ]
          : []),
      ],
    };
  }
  if (broken.length === 0) return { checkpoint: undefined, notices: [] };
  const remedy = origin === undefined ? 'start it over' : `go on from "${origin.name}" anew`;
  throw new WorkbenchError(
    'conflict',
    `no checkpoint of the run "${configuration.name}" is whole: ${remedy} (${broken.join('; ')})`,
  );
};

const problemOf = async (directory: string): Promise<WorkbenchError | 'without-sums' | null> => {
  try {
    return (await checkCheckpoint(directory)) === 'whole' ? null : 'without-sums';
  } catch (error) {
    if (error instanceof WorkbenchError) return error;
    throw error;
  }
};
