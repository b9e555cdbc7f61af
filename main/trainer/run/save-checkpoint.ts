import { rmSync } from 'node:fs';
import { writeCheckpoint } from '../../engine/train/checkpoint.ts';
import { bestEvaluation } from '../../engine/train/settings/early-stopping.ts';
import { assertModelStayed } from '../export/model-in-use.ts';
import { checkpointDirectory, findCheckpoints } from './checkpoint-folders.ts';
import type { RunInProgress } from './run-in-progress.ts';

/**
 * Writes a checkpoint and returns its folder. One is enough to go on from, and one to save the best of; the others go once the new one
 * stands.
 */
export const saveCheckpoint = async ({
  specification,
  trainer,
  stream,
  journal,
  emit,
  guard,
}: RunInProgress): Promise<string> => {
  const { runDirectory, training } = specification;
  await assertModelStayed(specification);
  const state = await trainer.state();
  guard.assertOwned();
  const directory = checkpointDirectory(runDirectory, state.step);
  await writeCheckpoint(directory, { state, progress: { ...journal.progress(), stream: stream.state() } });
  emit({ type: 'checkpoint', step: state.step, directory });
  const kept = [state.step, training.keepBest ? bestEvaluation(journal.evaluations)?.step : undefined];
  guard.assertOwned();
  for (const other of findCheckpoints(runDirectory))
    if (other.step < state.step && !kept.includes(other.step))
      rmSync(other.directory, { recursive: true, force: true });
  return directory;
};
