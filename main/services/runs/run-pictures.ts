import { WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import type { MethodParamsParsed } from '../shared/methods.ts';
import { readPictureFile } from '../shared/picture-file.ts';
import type { RunPicture, RunPictures } from '../shared/run-picture-entities.ts';
import type { RunLedger } from './run-ledger.ts';
import { runDirectoryOf } from './run-specification.ts';

/** What runs drew of one prompt from one seed, step by step and side by side. */
export const readRunPictures =
  (store: Store, ledger: RunLedger) =>
  ({ ids, asked: index }: MethodParamsParsed<'runs.pictures'>): RunPictures => {
    for (const id of ids) ledger.show(id);
    const asked = store.runPictures.asked(ids);
    const one = asked[index];
    if (one === undefined) return { asked, steps: [] };
    const bySteps = Map.groupBy(store.runPictures.shown(ids, one), ({ step }) => step);
    return {
      asked,
      steps: [...bySteps].map(([step, pictures]) => ({
        step,
        pictures: pictures.map(({ runId, position, file, problem }) => ({ runId, position, file, problem })),
      })),
    };
  };

/**
 * One picture of a run's, as it was written.
 * @throws WorkbenchError 'not-found' where there is none, 'invalid-input' where its file is another than was written
 */
export const readRunPicture =
  (store: Store, ledger: RunLedger, dataDirectory: string) =>
  ({ id, step, position }: MethodParamsParsed<'runs.picture'>): RunPicture => {
    const { configuration } = ledger.show(id);
    const found = store.runPictures
      .ofRun(id)
      .find((picture) => picture.step === step && picture.position === position);
    if (found === undefined || found.file === null)
      throw new WorkbenchError(
        'not-found',
        `the run "${configuration.name}" has no picture ${position + 1} of step ${step}${found ? `: ${found.problem}` : ''}`,
      );
    return readPictureFile(runDirectoryOf(dataDirectory, id), { file: found.file, sha256: found.sha256 });
  };
