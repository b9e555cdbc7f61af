import { dirname, join } from 'node:path';
import { existsSync } from 'node:fs';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import { measuredPicturesIn } from '../../trainer/score/measured-pictures.ts';
import { readState } from '../comparisons/orchestration/comparison-state.ts';
import { finalRuns } from '../comparisons/orchestration/final-runs.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';

interface AskedArms {
  readonly comparisonId: string;
  readonly arms: readonly [string, string];
  /** That both were trained from. */
  readonly seed: number;
}

/**
 * Where two arms' pictures lie: those that they were measured by, which the adapters as they are kept drew, or else what both drew last while
 * they trained.
 * @throws WorkbenchError naming the arm of which there is nothing to judge
 */
export const foldersOfArms = (
  store: Store,
  dataDirectory: string,
  { comparisonId, arms, seed }: AskedArms,
): readonly [string, string] => {
  const record = store.comparisons.find(comparisonId);
  if (record === undefined) throw new WorkbenchError('not-found', `there is no comparison "${comparisonId}"`);
  const state = readState(store, record);
  const runs = arms.map((arm) => {
    const run = finalRuns(state).find((one) => one.arm === arm && one.seed === seed);
    if (run !== undefined) return run.runId;
    const known = state.design.arms.map(({ name }) => name).join(', ');
    throw invalidInput(
      `arms: "${record.name}" has no run of the arm "${arm}" from the seed ${seed}; it has ${known} from ${state.definition.seeds.join(', ')}`,
    );
  });
  for (const { kind, name } of state.definition.tasks) {
    if (kind !== 'drawn') continue;
    const [first, second] = runs.map((id) => measuredPicturesIn(runDirectoryOf(dataDirectory, id), name));
    if (existsSync(first!) && existsSync(second!)) return [first!, second!];
  }
  const drawn = runs.map((id) => lastDrawn(store, dataDirectory, id));
  const none = drawn.indexOf(null);
  if (none === -1) return [drawn[0]!, drawn[1]!];
  throw invalidInput(
    `arms: "${arms[none]!}" has drawn nothing from the seed ${seed} yet; a comparison draws where its definition has training.diffusion.samples, or a task of the kind "drawn"`,
  );
};

const lastDrawn = (store: Store, dataDirectory: string, runId: string): string | null => {
  const last = store.runPictures.ofRun(runId).findLast(({ file, step }) => file !== null && step > 0);
  return last === undefined ? null : dirname(join(runDirectoryOf(dataDirectory, runId), last.file!));
};
