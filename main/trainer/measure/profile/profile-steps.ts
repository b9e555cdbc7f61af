import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { accountFor, quickest, type Account } from '../../../engine/runtime/profile/account.ts';
import { createRecorder, type Recorder } from '../../../engine/runtime/profile/recorder.ts';

/** Makes a recorder, whose files stand in a folder of their own below `parent` for as long as `use` takes. */
export const withRecorder = async <Result>(
  parent: string,
  use: (recorder: Recorder) => Promise<Result>,
): Promise<Result> => {
  const folder = mkdtempSync(join(parent, 'nora-profile-'));
  try {
    return await use(createRecorder(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Something to be compiled for a recorder, that takes steps. */
interface Stepping {
  readonly step: () => Promise<unknown>;
  readonly release: () => Promise<void>;
}

/** A profile holds a million nodes, and a step has tens of thousands. */
const watchedSteps = 4;

/** What the quickest of some steps is spent on. */
export const profileSteps = (
  parent: string,
  open: (recorder: Recorder) => Promise<Stepping>,
): Promise<Account> =>
  withRecorder(parent, async (recorder) => {
    const { step, release } = await open(recorder);
    for (let count = 0; count < watchedSteps; count++) await recorder.step(step);
    await release();
    return accountFor(recorder, quickest(recorder.steps));
  });
