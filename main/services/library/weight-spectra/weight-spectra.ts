import { siteKind } from '../../../engine/diagnostics/weight-sites.ts';
import type { ReadFiles } from '../../reading/reader.ts';
import { WorkbenchError } from '../../../engine/errors.ts';
import type { ModelFile } from '../../../engine/formats/model-file-schema.ts';
import { contentHash } from '../../../engine/formats/model-identity.ts';
import type { LinearLayer } from '../../../engine/models/architecture.ts';
import type { ModelRecord } from '../../../store/repositories/models.ts';
import type { Store } from '../../../store/store.ts';
import type { SpawnTrainer } from '../../../trainer/process/trainer-process.ts';
import { modelLimits } from '../../trainer-jobs/job-limits.ts';
import { askTrainer } from '../../trainer-jobs/trainer-question.ts';
import type { MethodParamsParsed, WorkbenchMethods } from '../../shared/methods.ts';
import type { EmitEvent } from '../../shared/workbench-events.ts';
import { assertModelUnchanged } from '../model-identity.ts';
import { findModel } from '../models.ts';
import { createSpectrumFiles } from './spectrum-files.ts';
import { summariseKinds } from './summarise-kinds.ts';
import type { WeightSpectra } from './weight-spectra-schema.ts';

interface WeightSpectraContext {
  readonly store: Store;
  readonly emit: EmitEvent;
  readonly spawnTrainer: SpawnTrainer;
  readonly readFiles: ReadFiles;
  readonly dataDirectory: string;
}

/** Work under way on a model. */
interface Work {
  readonly stop: AbortController;
  readonly total: number;
  done: number;
  readonly ended: Promise<void>;
}

/** What is to be decomposed. */
interface Wanted {
  readonly modelFiles: readonly ModelFile[];
  readonly modules: string[];
}

type Methods = Pick<
  WorkbenchMethods['models'],
  'spectra' | 'siteSpectra' | 'computeSpectra' | 'cancelSpectra'
>;

/** How the weights of models decay: decomposed when asked for, in a trainer process, one at a time, and kept in the cache. */
export const createWeightSpectra = (
  context: WeightSpectraContext,
): { readonly methods: Methods; close: () => Promise<void> } => {
  const { store, emit, spawnTrainer } = context;
  const files = createSpectrumFiles(context.dataDirectory);
  const working = new Map<string, Work>();
  const errors = new Map<string, string>();
  const sites = new Map<string, LinearLayer[]>();

  const sitesOf = async ({ id, directory }: ModelRecord): Promise<LinearLayer[]> => {
    const known = sites.get(id);
    if (known !== undefined) return known;
    const { layers } = await context.readFiles({ kind: 'layers', directory });
    sites.set(id, layers.weightSites);
    return layers.weightSites;
  };
  const hashOf = ({ identity }: ModelRecord): string | null => identity && contentHash(identity);

  const stateOf = async (model: ModelRecord): Promise<WeightSpectra> =>
    stateWith(model, await sitesOf(model));
  const stateWith = (model: ModelRecord, layers: readonly LinearLayer[]): WeightSpectra => {
    const hash = hashOf(model);
    const work = working.get(model.id);
    return {
      modelId: model.id,
      progress: work === undefined ? null : { done: work.done, total: work.total },
      error: errors.get(model.id) ?? null,
      kinds: summariseKinds(layers, (module) => (hash === null ? undefined : files.read(hash, module))),
    };
  };
  const announce = (id: string): void => {
    const model = store.models.find(id);
    const layers = sites.get(id); // as long as there is work they are known
    if (model !== undefined && layers !== undefined)
      emit({ name: 'models.spectra', payload: stateWith(model, layers) });
  };

  const decompose = async (
    { id, directory }: ModelRecord,
    hash: string,
    command: Wanted,
    work: Pick<Work, 'stop'> & { done: number },
  ): Promise<void> => {
    try {
      const specification = { modelDirectory: directory, ...command, modelFiles: [...command.modelFiles] };
      await askTrainer(spawnTrainer, { type: 'decompose', specification }, 'decomposed', {
        signal: work.stop.signal,
        limits: modelLimits,
        onNews: (news) => {
          if (news.type !== 'decomposed-weight' || work.stop.signal.aborted) return;
          files.write(hash, news.module, news.singularValues);
          work.done += 1;
          announce(id);
        },
      });
    } catch (error) {
      // Whoever stopped it knows why it ended.
      if (work.stop.signal.aborted) return;
      if (!(error instanceof WorkbenchError)) throw error;
      errors.set(id, error.message);
    }
  };

  const begin = (model: ModelRecord, command: Wanted): void => {
    const stop = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    const work: Work = { stop, total: command.modules.length, done: 0, ended: promise };
    working.set(model.id, work);
    errors.delete(model.id);
    void decompose(model, contentHash(command.modelFiles), command, work).finally(() => {
      working.delete(model.id);
      resolve();
      if (!isClosing) announce(model.id);
    });
  };
  let isClosing = false;

  const methods: Methods = {
    spectra: ({ id }) => stateOf(findModel(store, id)),
    siteSpectra: async ({ id, kind }) => {
      const model = findModel(store, id);
      const hash = hashOf(model);
      return (await sitesOf(model))
        .filter((layer) => siteKind(layer) === kind)
        .map(({ module }) => ({
          module,
          spectrum: copied(hash === null ? undefined : files.read(hash, module)),
        }));
    },
    computeSpectra: async ({ id, kind }: MethodParamsParsed<'models.computeSpectra'>) => {
      const model = findModel(store, id);
      if (working.has(model.id))
        throw new WorkbenchError('conflict', `the weights of "${model.name}" are being decomposed already`);
      const { files: modelFiles } = await assertModelUnchanged(context, model);
      sites.delete(model.id); // another folder of the same content may have taken its place
      const hash = contentHash(modelFiles);
      const modules = (await sitesOf(model))
        .filter((layer) => kind === undefined || siteKind(layer) === kind)
        .map(({ module }) => module)
        .filter((module) => files.read(hash, module) === undefined);
      if (modules.length > 0 && !working.has(model.id)) begin(model, { modelFiles, modules });
      return stateOf(findModel(store, model.id));
    },
    cancelSpectra: async ({ id }) => {
      const model = findModel(store, id);
      const work = working.get(model.id);
      work?.stop.abort();
      await work?.ended;
      return stateOf(model);
    },
  };

  return {
    methods,
    close: async () => {
      isClosing = true;
      const all = [...working.values()];
      for (const { stop } of all) stop.abort();
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
};

const copied = (
  spectrum: ReturnType<ReturnType<typeof createSpectrumFiles>['read']>,
): { largest: number; frobenius: number; effectiveRank: number; energy: number[]; curve: number[] } | null =>
  spectrum === undefined
    ? null
    : {
        ...spectrum,
        energy: [...spectrum.energy],
        curve: spectrum.curve.map((value) => Number(value.toPrecision(5))),
      };
