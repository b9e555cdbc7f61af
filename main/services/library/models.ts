import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { defaultChatTemplate } from '../../engine/data/chat/chat-template.ts';
import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import type { ModelFolder } from '../../engine/formats/model-folder.ts';
import { readModelFiles } from '../../engine/formats/model-identity.ts';
import { assertFinite } from '../../engine/formats/non-finite.ts';
import { modelFamilies } from '../../engine/models/architectures/index.ts';
import { describeModel } from '../../engine/models/describe-model.ts';
import type { ModelRecord } from '../../store/repositories/models.ts';
import type { Store } from '../../store/store.ts';
import { modelOf } from '../shared/entity-mapping.ts';
import { createId, now } from '../shared/identifiers.ts';
import { refuseWhileReturning, refuseWhileUsed } from './library-use.ts';
import { changeProblem, checkModel, sameContent } from './model-identity.ts';
import { chooseName } from '../shared/names.ts';
import { realPath } from '../shared/real-path.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import type { MethodParams, WorkbenchMethods } from '../shared/methods.ts';

/** What a model folder says about itself. */
export type DescribedModel = Omit<ModelRecord, 'id' | 'name' | 'identity' | 'builtIn' | 'createdAt'>;

export const findModel = (store: Store, idOrName: string): ModelRecord => {
  const model = store.models.find(idOrName);
  if (model === undefined)
    throw new WorkbenchError('not-found', `there is no model "${idOrName}" in the library`);
  return model;
};

export const createModelsService = (store: Store, emit: EmitEvent) =>
  ({
    list: () => store.models.list().map(modelOf),
    show: ({ id }) => modelOf(findModel(store, id)),
    chatTemplate: ({ id }) => {
      const { chatTemplate, toolChatTemplate } = loadTokenizer(findModel(store, id).directory);
      return {
        template: chatTemplate ?? defaultChatTemplate,
        isOwn: chatTemplate !== undefined,
        forTools: toolChatTemplate ?? null,
      };
    },
    import: async ({ directory, name }) => {
      const folder = openModelFolder(realPath(directory));
      const described = describeFolder(folder);
      assertFinite(folder);
      const identity = await readModelFiles(folder.directory);
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
    verify: async ({ id, thorough = true }: MethodParams<'models.verify'>) => {
      const model = findModel(store, id);
      const { files, changes, recordedNow } = await checkModel(store, model, { thorough });
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

/**
 * Describes the targets again of models that came into the library before embeddings could be targets: every model has one. A folder
 * that cannot be read now stays as it was described.
 */
export const refreshTargets = (store: Store): void => {
  const outdated = store.models
    .list()
    .filter(({ targetModules }) => !targetModules.some(({ role }) => role === 'embedding'));
  for (const { id, directory } of outdated)
    try {
      store.models.update(id, { targetModules: describeModel(openModelFolder(directory)).targetModules });
    } catch (error) {
      if (!(error instanceof WorkbenchError)) throw error;
    }
};

/** @throws WorkbenchError naming the file and field; `unsupported` for an architecture that the engine does not know */
export const describeFolder = (folder: ModelFolder): DescribedModel => {
  const described = describeModel(folder);
  const tokenizer = loadTokenizer(folder.directory);
  return {
    ...described,
    notices: [...described.notices, ...tokenizer.notices],
    directory: folder.directory,
    dtype: mainDtype(folder),
    bytes: weightBytes(folder),
    hasChatTemplate: tokenizer.chatTemplate !== undefined,
  };
};

export const weightBytes = ({ tensors }: ModelFolder): number =>
  [...tensors.values()].reduce((sum, { length }) => sum + length, 0);

const dtypeNames: Readonly<Record<string, string>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F64: 'float64',
};

/** The dtype that most bytes are in, as Hugging Face calls it. */
const mainDtype = (folder: ModelFolder): string => {
  const bytesOf = new Map<string, number>();
  for (const { dtype, length } of folder.tensors.values())
    bytesOf.set(dtype, (bytesOf.get(dtype) ?? 0) + length);
  const [main = 'unknown'] = [...bytesOf.keys()].sort((a, b) => bytesOf.get(b)! - bytesOf.get(a)!);
  return dtypeNames[main] ?? main;
};

const byFirst = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : 1;

/** The Hub's cache keeps a model as `models--org--name/snapshots/<revision>`: there the name is not the folder's. */
const nameOfFolder = (directory: string): string => {
  const cached = /^models--(?:.*--)?([^/]+)$/.exec(basename(dirname(dirname(directory))));
  return basename(dirname(directory)) === 'snapshots' && cached?.[1] !== undefined
    ? cached[1]
    : basename(directory);
};
