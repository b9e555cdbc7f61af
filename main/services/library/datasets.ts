import { basename, extname } from 'node:path';
import { unusedColumns } from '../../engine/data/files/dataset-format.ts';
import { surveyFile } from '../../engine/data/files/dataset-survey.ts';
import { recogniseForm, type RecognisedForm } from '../../engine/data/files/recognise-form.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { sha256OfFile } from '../../engine/formats/file-hash.ts';
import type { DatasetRecord } from '../../store/repositories/datasets.ts';
import type { Store } from '../../store/store.ts';
import { previewDataset } from './dataset-preview.ts';
import { formChecker, refuseUnclear, rowChecker } from './dataset-rows.ts';
import { inspectFile } from './inspect-file.ts';
import type { Dataset } from '../shared/entities.ts';
import { createId, now } from '../shared/identifiers.ts';
import { inTurns } from '../shared/in-turns.ts';
import { refuseWhileReturning, refuseWhileUsed } from './library-use.ts';
import { assertModelUnchanged, problemOf } from './model-identity.ts';
import { findModel } from './models.ts';
import { chooseName } from '../shared/names.ts';
import { realPath } from '../shared/real-path.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import type { MethodParamsParsed, WorkbenchMethods } from '../shared/methods.ts';

type DatasetImport = MethodParamsParsed<'datasets.import'>;

/** What a dataset's files say about themselves. */
export type DescribedDataset = Omit<DatasetRecord, 'id' | 'name' | 'builtIn' | 'createdAt'>;

export const findDataset = (store: Store, idOrName: string): DatasetRecord => {
  const dataset = store.datasets.find(idOrName);
  if (dataset === undefined)
    throw new WorkbenchError('not-found', `there is no dataset "${idOrName}" in the library`);
  return dataset;
};

export const createDatasetsService = (store: Store, emit: EmitEvent) =>
  ({
    list: () => store.datasets.list().map(datasetOf),
    show: ({ id }) => datasetOf(findDataset(store, id)),
    import: async (request) => {
      const described = await inTurns(describeFiles(request));
      const dataset = store.transaction(() => {
        const fileName = basename(request.trainFile, extname(request.trainFile));
        const added: DatasetRecord = {
          ...described,
          id: createId(),
          name: chooseName(
            { asked: request.name, suggested: fileName },
            store.datasets.list().map(({ name }) => name),
            (taken) => `a dataset "${taken}" in the library`,
          ),
          builtIn: false,
          createdAt: now(),
        };
        store.datasets.insert(added);
        return added;
      });
      emit({ name: 'datasets.changed', payload: {} });
      return datasetOf(dataset);
    },
    inspect: ({ modelId, ...request }) =>
      inspectFile(request, modelId === undefined ? null : findModel(store, modelId)),
    remove: ({ id }) => {
      store.transaction(() => {
        const dataset = findDataset(store, id);
        if (dataset.builtIn)
          throw new WorkbenchError('conflict', `the dataset "${dataset.name}" is built in and stays`);
        refuseWhileUsed(
          `the dataset "${dataset.name}"`,
          store.experiments.namesUsing('datasetId', dataset.id),
        );
        refuseWhileUsed(
          `the dataset "${dataset.name}"`,
          store.comparisons.namesUsing('datasetId', dataset.id),
          'comparison',
        );
        refuseWhileReturning(store, `the dataset "${dataset.name}"`, 'datasetId', dataset.id);
        store.datasets.remove(dataset.id);
      });
      emit({ name: 'datasets.changed', payload: {} });
      return {};
    },
    preview: async (request) => {
      const model = findModel(store, request.modelId);
      const changed = await problemOf(() => assertModelUnchanged(store, model));
      const shown = previewDataset(findDataset(store, request.id), model, request, {
        template: request.template,
      });
      return { ...shown, problem: changed ?? shown.problem };
    },
  }) satisfies Omit<WorkbenchMethods['datasets'], 'lengths' | 'duplicates' | 'stop'>;

/**
 * Goes through a dataset's files once and checks every row, a stretch at a time.
 * @throws WorkbenchError naming the file and line
 */
export function* describeFiles(request: Omit<DatasetImport, 'name'>): Generator<void, DescribedDataset> {
  const trainFile = realPath(request.trainFile);
  const validationFile = request.validationFile === undefined ? null : realPath(request.validationFile);
  let form: RecognisedForm | undefined;
  const train = yield* surveyFile(trainFile, request.separator, (firstRows, name) => {
    if (request.format !== undefined) return rowChecker(request.format);
    form = recogniseForm(firstRows, name);
    return form === undefined ? refuseUnclear(firstRows, name) : formChecker(form);
  });
  const format = request.format ?? (form as RecognisedForm).format;
  const validation =
    validationFile === null
      ? null
      : yield* surveyFile(validationFile, request.separator, () =>
          form === undefined ? rowChecker(format) : formChecker(form),
        );
  return {
    trainFile,
    validationFile,
    trainSha256: train.sha256,
    validationSha256: validation?.sha256 ?? null,
    trainSeparator: train.separator,
    validationSeparator: validation?.separator ?? null,
    form: form?.name ?? null,
    format,
    columns: [...train.columns],
    trainRows: train.rows,
    validationRows: validation?.rows ?? null,
    bytes: train.bytes + (validation?.bytes ?? 0),
  };
}

/** @throws WorkbenchError naming a file that is gone, or that is not what it was at import */
export const assertUnchanged = async (dataset: DatasetRecord): Promise<void> => {
  const files = [
    [dataset.trainFile, dataset.trainSha256],
    [dataset.validationFile, dataset.validationSha256],
  ] as const;
  for (const [file, sha256] of files) {
    if (file === null || (await sha256OfFile(file)) === sha256) continue;
    throw new WorkbenchError(
      'conflict',
      `${file} has changed since it was imported; import it again as a new dataset`,
    );
  }
};

const datasetOf = ({
  trainSha256: _train,
  validationSha256: _validation,
  ...dataset
}: DatasetRecord): Dataset => ({
  ...dataset,
  unusedColumns: unusedColumns(dataset.format, dataset.columns),
});
