import { rmSync } from 'node:fs';
import { checkCheckpoint, writeCheckpoint, type Checkpoint } from '../../engine/train/checkpoint.ts';
import { bestEvaluation } from '../../engine/train/settings/early-stopping.ts';
import { assertModelStayed } from '../export/model-in-use.ts';
import { checkpointDirectory, findCheckpoints } from './checkpoint-folders.ts';
import type { RunInProgress } from './run-in-progress.ts';

/**
 * Writes a checkpoint and returns its folder. It stands, read back, before any other goes. Kept are the one before it, in case the disk spoils
 * this one, and that of the best evaluation; a later step is none of this trainer's.
 */
export const saveCheckpoint = async (run: RunInProgress): Promise<string> => {
  const { specification, prepared, trainer, stream, journal, emit, guard, events } = run;
  const { runDirectory, training } = specification;
  await assertModelStayed(specification);
  const state = await trainer.state();
  const directory = checkpointDirectory(runDirectory, state.step);
  const progress = { ...journal.progress(), stream: stream.state() };
  guard.assertOwned();
  const logged = events.sync(); // what was measured up to here must not be younger than the checkpoint
  await writeUnlessWhole(directory, { state, progress, startSeal: prepared.startSeal });
  emit({ type: 'checkpoint', step: state.step, directory, logged });

  guard.assertOwned();
  const earlier = findCheckpoints(runDirectory).filter(({ step }) => step < state.step);
  const best = training.keepBest ? bestEvaluation(journal.evaluations)?.step : undefined;
  for (const { step, directory: old } of earlier.slice(1))
    if (step !== best) rmSync(old, { recursive: true, force: true });
  return directory;
};

/** The same step has the same content: one that is whole stays as it is, and one that is not is worth nothing. */
const writeUnlessWhole = async (directory: string, checkpoint: Checkpoint): Promise<void> => {
  if (await isWhole(directory)) return;
  rmSync(directory, { recursive: true, force: true });
  await writeCheckpoint(directory, checkpoint);
};

const isWhole = (directory: string): Promise<boolean> =>
  checkCheckpoint(directory).then(
    () => true,
    () => false,
  );
