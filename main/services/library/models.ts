import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import { drawsPictures } from '../../engine/train/settings/picture-checks.ts';
import { modelFamilies } from '../../engine/models/architectures/index.ts';
import type { ModelRecord } from '../../store/repositories/models.ts';
import type { Store } from '../../store/store.ts';
import { modelOf } from '../shared/entity-mapping.ts';
import { createId, now } from '../shared/identifiers.ts';
import { refuseWhileReturning, refuseWhileUsed } from './library-use.ts';
import { targetLayersOf } from './model-layers.ts';
import { changeProblem, checkModel, sameContent } from './model-identity.ts';
import { chooseName } from '../shared/names.ts';
import type { ReadFiles } from '../reading/reader.ts';
import type { Readings } from '../reading/readings.ts';
import { realPlace } from '../shared/real-path.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import type { MethodParams, WorkbenchMethods } from '../shared/methods.ts';

interface ModelsContext {
  readonly store: Store;
  readonly emit: EmitEvent;
  readonly readFiles: ReadFiles;
  readonly readings: Readings;
}

export const findModel = (store: Store, idOrName: string): ModelRecord => {
  const model = store.models.find(idOrName);
  if (model === undefined)
    throw new WorkbenchError('not-found', `there is no model "${idOrName}" in the library`);
  return model;
};

export const createModelsService = ({ store, emit, readFiles, readings }: ModelsContext) =>
  ({
    list: () => store.models.list().map(modelOf),
    show: ({ id }) => modelOf(findModel(store, id)),
    chatTemplate: async ({ id }) => {
      const { directory } = findModel(store, id);
      return (await readFiles({ kind: 'chat-templates', directory })).templates;
    },
    parts: async ({ id }) => {
      const { directory } = findModel(store, id);
      return (await readFiles({ kind: 'layers', directory })).layers.parts;
    },
    layers: async ({ id }) => [...(await targetLayersOf(readFiles, findModel(store, id)))],
    pictureView: async ({ id }) => {
      const { directory } = findModel(store, id);
      return (await readFiles({ kind: 'picture-view', directory })).view;
    },
    import: async ({ directory, name, job }) => {
      const folder = realPlace(directory);
      const { described, files: identity } = await readings.follow(job, folder, (options) =>
        readFiles({ kind: 'model', directory: folder }, options),
      );
      const model = store.transaction(() => {
        const models = store.models.list();
        const moved = models.find(
          (other) =>
            (name === undefined || name === other.name) &&
            sameContent(other.identity, identity) &&
            !existsSync(other.directory),
        );
        if (moved !== undefined) {
          store.models.update(moved.id, { directory: described.directory, identity });
          return findModel(store, moved.id);
        }
        const same = models.find(
          (other) =>
            other.directory === described.directory &&
            (other.identity === null || sameContent(other.identity, identity)),
        );
        if (same !== undefined)
          throw new WorkbenchError(
            'conflict',
            `${described.directory} is in the library already, as "${same.name}"`,
          );
        const added: ModelRecord = {
          ...described,
          identity,
          id: createId(),
          name: chooseName(
            { asked: name, suggested: nameOfFolder(resolve(directory)) },
            models.map((other) => other.name),
            (taken) => `a model "${taken}" in the library`,
          ),
          builtIn: false,
          createdAt: now(),
        };
        store.models.insert(added);
        return added;
      });
      emit({ name: 'models.changed', payload: {} });
      return modelOf(model);
    },
    families: () => modelFamilies,
    verify: async ({ id, thorough = true, job }: MethodParams<'models.verify'>) => {
      const model = findModel(store, id);
      const { files, changes, recordedNow } = await readings.follow(job, model.directory, (options) =>
        checkModel({ store, readFiles }, model, { ...options, thorough }),
      );
      if (recordedNow) emit({ name: 'models.changed', payload: {} });
      const changed = new Map(changes.map((change) => [change.name, change]));
      const all = new Map([...files, ...changes].map(({ name, kind }) => [name, kind]));
      const hashes = new Map(files.map(({ name, sha256 }) => [name, sha256]));
      return {
        modelId: model.id,
        name: model.name,
        directory: model.directory,
        unchanged: changes.length === 0,
        recordedNow,
        files: [...all].toSorted(byFirst).map(([name, kind]) => {
          const { change = 'unchanged', was, is } = changed.get(name) ?? {};
          const hash = hashes.get(name) ?? null;
          return {
            name,
            kind,
            state: change,
            was: was === undefined ? hash : was,
            is: is === undefined ? hash : is,
          };
        }),
        problem: changes.length === 0 ? null : changeProblem(model, changes),
      };
    },
    remove: ({ id }) => {
      store.transaction(() => {
        const model = findModel(store, id);
        if (model.builtIn)
          throw new WorkbenchError('conflict', `the model "${model.name}" is built in and stays`);
        refuseWhileUsed(`the model "${model.name}"`, store.experiments.namesUsing('modelId', model.id));
        refuseWhileUsed(
          `the model "${model.name}"`,
          store.comparisons.namesUsing('modelId', model.id),
          'comparison',
        );
        refuseWhileUsed(`the model "${model.name}"`, store.adapters.namesUsing(model.id), 'adapter');
        refuseWhileReturning(store, `the model "${model.name}"`, 'modelId', model.id);
        store.models.remove(model.id);
      });
      emit({ name: 'models.changed', payload: {} });
      return {};
    },
  }) satisfies Partial<WorkbenchMethods['models']>;

/** What models are described by lacks what came later: embeddings as targets, which every model of text has, and the sides of what is drawn. */
const isOutdated = ({ targetModules, vocabularySize, objective, drawnSides }: ModelRecord): boolean =>
  (vocabularySize > 0 && !targetModules.some(({ role }) => role === 'embedding')) ||
  (drawsPictures(objective) && drawnSides === null);

/** Describes models again that came into the library before that was told of them. A folder that cannot be read now stays as it was described. */
export const refreshDescriptions = async (
  { store, readFiles, emit }: Omit<ModelsContext, 'readings'>,
  signal: AbortSignal,
): Promise<void> => {
  const outdated = store.models.list().filter(isOutdated);
  for (const { id, directory } of outdated)
    try {
      const { layers } = await readFiles({ kind: 'layers', directory }, { signal });
      const { targetModules, drawnSides } = layers;
      store.models.update(id, { targetModules, drawnSides });
    } catch (error) {
      if (!(error instanceof WorkbenchError)) throw error;
    }
  if (outdated.length > 0 && !signal.aborted) emit({ name: 'models.changed', payload: {} });
};

const byFirst = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : 1;

/** The Hub's cache keeps a model as `models--org--name/snapshots/<revision>`: there the name is not the folder's. */
const nameOfFolder = (directory: string): string => {
  const cached = /^models--(?:.*--)?([^/]+)$/.exec(basename(dirname(dirname(directory))));
  return basename(dirname(directory)) === 'snapshots' && cached?.[1] !== undefined
    ? cached[1]
    : basename(directory).replace(/\.safetensors$/i, '');
};
