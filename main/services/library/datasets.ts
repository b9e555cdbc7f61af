import { basename, extname, resolve } from 'node:path';
import { columnsUnused } from '../../engine/data/pictures/pictures-format.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import type { DatasetRecord } from '../../store/repositories/datasets.ts';
import type { Store } from '../../store/store.ts';
import { cacheDirectoryOf } from '../shared/cache-directory.ts';
import type { Dataset } from '../shared/entities.ts';
import { createId, now } from '../shared/identifiers.ts';
import { refuseWhileReturning, refuseWhileUsed } from './library-use.ts';
import { assertModelUnchanged, problemOf } from './model-identity.ts';
import { findModel } from './models.ts';
import { chooseName } from '../shared/names.ts';
import { realPath } from '../shared/real-path.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import type { MethodParamsParsed, WorkbenchMethods } from '../shared/methods.ts';
import type { Readings } from '../reading/readings.ts';
import type { ReadFiles } from '../reading/reader.ts';
import { rowsSourceOf } from '../../trainer/protocol/dataset-source.ts';
import { tokensOf } from './tokens-of.ts';

type Parsed = MethodParamsParsed<'datasets.preview'>;
type PreviewParams = Omit<Parsed, 'firstRow'> & Partial<Pick<Parsed, 'firstRow'>>;

interface DatasetsContext {
  readonly store: Store;
  readonly emit: EmitEvent;
  readonly readFiles: ReadFiles;
  readonly readings: Readings;
  readonly dataDirectory: string;
}

export const findDataset = (store: Store, idOrName: string): DatasetRecord => {
  const dataset = store.datasets.find(idOrName);
  if (dataset === undefined)
    throw new WorkbenchError('not-found', `there is no dataset "${idOrName}" in the library`);
  return dataset;
};

export const createDatasetsService = ({ store, emit, readFiles, readings, dataDirectory }: DatasetsContext) =>
  ({
    list: () => store.datasets.list().map(datasetOf),
    show: ({ id }) => datasetOf(findDataset(store, id)),
    import: async ({ job, name, ...request }) => {
      const files = {
        ...request,
        trainFile: realPath(request.trainFile),
        ...(request.validationFile !== undefined && { validationFile: realPath(request.validationFile) }),
      };
      const { described } = await readings.follow(job, files.trainFile, (options) =>
        readFiles({ kind: 'dataset', ...files, cacheDirectory: cacheDirectoryOf(dataDirectory) }, options),
      );
      const dataset = store.transaction(() => {
        const fileName = basename(request.trainFile, extname(request.trainFile));
        const added: DatasetRecord = {
          ...described,
          id: createId(),
          name: chooseName(
            { asked: name, suggested: fileName },
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
    inspect: async ({ modelId, ...request }) => {
      const model = modelId === undefined ? null : tokensOf(findModel(store, modelId));
      const trainFile = resolve(request.trainFile);
      return (await readFiles({ kind: 'inspection', ...request, trainFile, model })).inspection;
    },
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
    preview: async ({ id, modelId, firstRow = 0, ...showing }: PreviewParams) => {
      const { trainFile, trainSeparator, trainSha256, format } = rowsSourceOf(
        findDataset(store, id),
        'tokens are shown',
      );
      const model = findModel(store, modelId);
      const changed = await problemOf(() => assertModelUnchanged({ store, readFiles }, model));
      const { preview } = await readFiles({
        kind: 'preview',
        dataset: { trainFile, trainSeparator, format },
        imported: { trainSha256, cacheDirectory: cacheDirectoryOf(dataDirectory) },
        model: tokensOf(model),
        showing: { ...showing, firstRow },
      });
      return { ...preview, problem: changed ?? preview.problem };
    },
  }) satisfies Pick<
    WorkbenchMethods['datasets'],
    'list' | 'show' | 'import' | 'inspect' | 'remove' | 'preview'
  >;

/** @throws WorkbenchError naming a file that is gone, or that is not what it was at import */
export const assertUnchanged = async (readFiles: ReadFiles, dataset: DatasetRecord): Promise<void> => {
  const { format, trainFile, trainSha256, validationFile, validationSha256 } = dataset;
  if (format.kind === 'pictures') {
    const { sha256 } = await readFiles({ kind: 'pictures-hash', trainFile, format });
    if (sha256 === trainSha256) return;
    throw new WorkbenchError(
      'conflict',
      `the pictures of ${trainFile} have changed since they were imported; import them again as a new dataset`,
    );
  }
  const files = validationFile === null ? [trainFile] : [trainFile, validationFile];
  const { hashes } = await readFiles({ kind: 'hashes', files });
  const changed = files.find((_, index) => hashes[index] !== [trainSha256, validationSha256][index]);
  if (changed === undefined) return;
  throw new WorkbenchError(
    'conflict',
    `${changed} has changed since it was imported; import it again as a new dataset`,
  );
};

const datasetOf = ({
  trainSha256: _train,
  validationSha256: _validation,
  ...dataset
}: DatasetRecord): Dataset => ({
  ...dataset,
  unusedColumns: columnsUnused(dataset.format, dataset.columns),
});
