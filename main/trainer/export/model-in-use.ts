import { WorkbenchError } from '../../engine/errors.ts';
import type { ModelFile } from '../../engine/formats/model-file-schema.ts';
import { changesBetween, describeChanges, readModelFiles } from '../../engine/formats/model-identity.ts';

/**
 * At the end of a job, whether it had one and the same model all the time: weights are read in place, so a file that is written meanwhile
 * would make what was trained half one model's and half another's.
 * @throws conflict naming the files
 */
export const assertModelStayed = async ({
  modelDirectory,
  modelFiles,
}: {
  readonly modelDirectory: string;
  readonly modelFiles?: readonly ModelFile[];
}): Promise<void> => {
  if (modelFiles === undefined) return;
  const changes = changesBetween(modelFiles, await readModelFiles(modelDirectory, { known: modelFiles }));
  if (changes.length === 0) return;
  throw new WorkbenchError(
    'conflict',
    `${modelDirectory}: the model has changed while it was in use: ${describeChanges(changes)}`,
  );
};
