import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import { createCombining, type CombineContext } from './combine-adapters.ts';
import { findAdapter } from './find-adapter.ts';
import { keepAdapter } from './keep-adapter.ts';
import { adapterOf } from '../shared/entity-mapping.ts';
import { assertModelUnchanged } from '../library/model-identity.ts';
import type { Readings } from '../reading/readings.ts';
import { findModel } from '../library/models.ts';
import { chooseName, refuseTaken } from '../shared/names.ts';
import { realPath } from '../shared/real-path.ts';
import { modelLimits } from '../trainer-jobs/job-limits.ts';
import { askTrainer } from '../trainer-jobs/trainer-question.ts';
import type { MethodParams, MethodParamsParsed, WorkbenchMethods } from '../shared/methods.ts';

/** Decomposing the weights of a large model again takes minutes. */
const longestMilliseconds = 60 * 60_000;

interface AdaptersContext extends CombineContext {
  readonly readings: Readings;
}

export const createAdaptersService = (context: AdaptersContext) => {
  const { store, emit, spawnTrainer, readings, underWay } = context;
  return {
    ...createCombining(context),
    list: (asked: Partial<MethodParamsParsed<'adapters.list'>> = {}) => {
      const page = store.adapters.page({ limit: 100, ...asked });
      return { ...page, items: page.items.map(adapterOf) };
    },
    show: ({ id }) => adapterOf(findAdapter(store, id)),
    import: async ({
      directory,
      modelId,
      name,
      onResidualBase = false,
      job,
    }: MethodParams<'adapters.import'>) => {
      const model = findModel(store, modelId);
      refuseTaken(name, namesOf(store), anAdapter);
      const source = realPath(directory);
      const build = (destination: string) =>
        readings.follow(job, source, async ({ signal, onProgress }) => {
          const checked = await assertModelUnchanged(context, model, { signal, onProgress });
          const specification = {
            modelDirectory: model.directory,
            peftDirectory: source,
            destination,
            onResidualBase,
            threads: null,
          };
          const options = { longestMilliseconds, limits: modelLimits, signal };
          const command = { type: 'import', specification } as const;
          const { summary } = await askTrainer(spawnTrainer, command, 'imported', options);
          return { summary, files: checked.files };
        });
      const kept = await underWay.during('an adapter is being imported', () =>
        keepAdapter(context, build, ({ summary, files }) => ({
          modelId: model.id,
          name: chooseName({ asked: name, suggested: basename(source) }, namesOf(store), anAdapter),
          method: summary.settings.method,
          settings: summary.settings,
          source,
          parts: null,
          trainedParameters: summary.trainedParameters,
          modelIdentity: files,
        })),
      );
      const imported = adapterOf(kept);
      emit({ name: 'adapters.changed', payload: { changed: [imported], removed: [] } });
      return imported;
    },
    remove: ({ id }) => {
      const adapter = store.transaction(() => {
        const found = findAdapter(store, id);
        if (found.runId !== null)
          throw new WorkbenchError(
            'conflict',
            `the adapter "${found.name}" is a run's and goes with its experiment`,
          );
        if (store.exports.ofAdapter(found.id).some(({ status }) => status === 'running'))
          throw new WorkbenchError(
            'conflict',
            `the adapter "${found.name}" is being exported; wait until that is done`,
          );
        store.adapters.remove(found.id);
        return found;
      });
      rmSync(adapter.directory, { recursive: true, force: true });
      emit({ name: 'adapters.changed', payload: { changed: [], removed: [adapter.id] } });
      return {};
    },
  } satisfies WorkbenchMethods['adapters'];
};

const namesOf = (store: Store): string[] => store.adapters.names();

const anAdapter = (name: string): string => `an adapter "${name}"`;
