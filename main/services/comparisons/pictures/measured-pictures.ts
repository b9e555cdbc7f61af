import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { drawnListing } from '../../../engine/data/pictures/drawn/drawn-folder.ts';
import { WorkbenchError } from '../../../engine/errors.ts';
import { prepareMeasured } from '../../../engine/scoring/fidelity/prepare-measured.ts';
import type { TaskOf } from '../../../engine/scoring/task.ts';
import { listedSamples } from '../../../trainer/run/samples/sample-listing.ts';
import { measuredPicturesIn } from '../../../trainer/score/measured-pictures.ts';
import { runDirectoryOf } from '../../runs/run-specification.ts';
import { readPictureFile } from '../../shared/picture-file.ts';
import type { MethodParamsParsed } from '../../shared/methods.ts';
import type { RunPicture } from '../../shared/run-picture-entities.ts';
import type { ComparisonState } from '../orchestration/comparison-state.ts';
import { finalRuns } from '../orchestration/final-runs.ts';
import { drawnByBase } from '../scoring/score-specification.ts';
import type { MeasuredPicturesOfTask } from './measured-picture-schema.ts';

type State = Pick<ComparisonState, 'id' | 'name' | 'runs' | 'definition'>;

/** @throws not-found for a task that there is not, or that draws nothing */
const drawnTask = ({ name, definition }: State, wanted: string): TaskOf<'drawn'> => {
  const drawn = definition.tasks.filter((task) => task.kind === 'drawn');
  const found = drawn.find((task) => task.name === wanted);
  if (found !== undefined) return found;
  const known = drawn.map((task) => task.name).join(', ');
  throw new WorkbenchError(
    'not-found',
    `the comparison "${name}" draws no pictures for a task "${wanted}"${known === '' ? '' : `; it does for ${known}`}`,
  );
};

const folderOf = (dataDirectory: string, state: State, runId: string | null, task: string): string =>
  measuredPicturesIn(
    runId === null ? drawnByBase(dataDirectory, state.id) : runDirectoryOf(dataDirectory, runId),
    task,
  );

/** What is drawn for a task, and of whom it is there. A subject's folder comes whole. */
export const measuredPictures = (
  dataDirectory: string,
  state: State,
  { task: wanted }: Pick<MethodParamsParsed<'comparisons.pictures'>, 'task'>,
): MeasuredPicturesOfTask => {
  const task = drawnTask(state, wanted);
  const isDrawn = (runId: string | null): boolean =>
    existsSync(join(folderOf(dataDirectory, state, runId, wanted), drawnListing));
  return {
    wanted: prepareMeasured(task, []).measured.map(({ prompt, seed }) => ({ prompt, seed })),
    subjects: [null, ...finalRuns(state).map(({ runId }) => runId)].map((runId) => ({
      runId,
      isDrawn: isDrawn(runId),
    })),
  };
};

/**
 * One of them, as it was measured.
 * @throws WorkbenchError not-found where it is not there (yet), invalid-input where its file is another than was drawn
 */
export const measuredPicture = (
  dataDirectory: string,
  state: State,
  { task, runId, position }: Omit<MethodParamsParsed<'comparisons.picture'>, 'id'>,
): RunPicture => {
  drawnTask(state, task);
  const run = finalRuns(state).find((one) => one.runId === runId);
  const whose = runId === null ? 'the base' : run && `the arm "${run.arm}" from the seed ${run.seed}`;
  if (whose === undefined)
    throw new WorkbenchError('not-found', `the comparison "${state.name}" has no run "${runId}"`);
  const folder = folderOf(dataDirectory, state, runId, task);
  const listed = listedSamples(folder)?.[position];
  if (listed === undefined)
    throw new WorkbenchError(
      'not-found',
      `there is no picture ${position + 1} of ${whose} for the task ${task}; they are drawn when the comparison scores, and the base's again where they are gone`,
    );
  return readPictureFile(folder, listed);
};
