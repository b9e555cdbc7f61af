import { existsSync } from 'node:fs';
import type { ReadFiles } from '../reading/reader.ts';
import { join, resolve } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import type { ModelFile } from '../../engine/formats/model-file-schema.ts';
import type { AdapterRecord } from '../../store/repositories/adapters.ts';
import type { ExperimentRecord } from '../../store/repositories/experiments.ts';
import type { ExportRecord } from '../../store/repositories/exports.ts';
import type { Store } from '../../store/store.ts';
import { exportRefusal } from '../../trainer/protocol/export-kinds.ts';
import type { ExportKind, ExportSpecification } from '../../trainer/protocol/protocol.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import { findAdapter } from './find-adapter.ts';
import { assertFreeFolder } from './free-folder.ts';
import { modelOfAdapter } from './model-of-adapter.ts';
import type { Export, Run } from '../shared/entities.ts';
import { adapterOf, exportOf } from '../shared/entity-mapping.ts';
import { experimentDefinitionSchema } from '../shared/experiment-definition.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';
import { heldOutOf } from './held-out.ts';
import { adoptFinished } from './recover-exports.ts';
import { startExportSession } from './export-session.ts';
import type { ExportSession } from './export-session.ts';
import { createId, now } from '../shared/identifiers.ts';
import { assertModelUnchanged, type CheckOptions } from '../library/model-identity.ts';
import { findModel } from '../library/models.ts';
import { freeName, slugOf } from '../shared/names.ts';
import type { Ownership } from '../shared/ownership.ts';
import type { UnderWay } from '../shared/under-way.ts';
import type { RunLedger } from '../runs/run-ledger.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import type { MethodParamsParsed, WorkbenchMethods } from '../shared/methods.ts';
import { setAwakeTimeout } from '../shared/awake.ts';

export interface ExportsContext {
  readonly store: Store;
  readonly ledger: RunLedger;
  readonly ownership: Ownership;
  readonly underWay: UnderWay;
  readonly emit: EmitEvent;
  readonly spawnTrainer: SpawnTrainer;
  readonly readFiles: ReadFiles;
  readonly dataDirectory: string;
  /** Of the workbench, for certificates. */
  readonly version: string;
}

export const createExportsService = (context: ExportsContext) => {
  const { store, ledger, ownership, underWay, emit } = context;
  const sessions = new Map<string, ExportSession>();
  const find = (id: string): ExportRecord => {
    const record = store.exports.find(id);
    if (record === undefined) throw new WorkbenchError('not-found', `there is no export "${id}"`);
    return record;
  };
  const entity = (record: ExportRecord): Export =>
    exportOf(record, sessions.get(record.id)?.progress() ?? null);
  const show = (id: string): Export => entity(find(id));

  return {
    list: (asked: Partial<MethodParamsParsed<'exports.list'>> = {}) => {
      const page = store.exports.page({ limit: 20, ...asked });
      return { ...page, items: page.items.map(entity) };
    },
    show: ({ id }) => show(id),
    create: async ({ kind, destination, ...asked }) => {
      ownership.require();
      const adapter =
        'runId' in asked
          ? adapterOfRun(store, ledger.show(asked.runId))
          : findAdapter(store, asked.adapterId);
      const refusal = exportRefusal(kind, adapterOf(adapter));
      if (refusal !== null) throw new WorkbenchError('unsupported', refusal);
      const model = findModel(store, adapter.modelId);
      const wanted = modelOfAdapter(adapter);
      await assertModelUnchanged(context, model, wanted);
      const heldOut = await heldOutOf(context, adapter);
      const end = await underWay.begin('an export is being written');
      try {
        const target = chooseDestination(context, adapter, kind, destination);
        const id = createId();
        const specification = {
          ...exportSpecification(store, adapter, kind, target),
          exportId: id,
          heldOut,
          workbenchVersion: context.version,
        };
        store.exports.insert({
          id,
          adapterId: adapter.id,
          kind,
          destination: target,
          status: 'running',
          summary: null,
          error: null,
          modelIdentity: null,
          createdAt: now(),
        });
        const announce = (): void => emit({ name: 'export.changed', payload: show(id) });
        const verify = async (onProgress: CheckOptions['onProgress']): Promise<readonly ModelFile[]> => {
          const options = { ...wanted, thorough: true, onProgress };
          const { files } = await assertModelUnchanged(context, model, options);
          store.exports.update(id, { modelIdentity: files });
          return files;
        };
        const session = startExportSession({ ...context, announce, verify }, id, specification);
        sessions.set(id, session);
        void session.gone.then(() => {
          sessions.delete(id);
          end();
        });
        announce();
        return show(id);
      } catch (error) {
        end();
        throw error;
      }
    },
    /** Waits for what is being written, and ends what is not done in time. */
    close: async (graceMilliseconds: number): Promise<void> => {
      const timer = setAwakeTimeout(() => sessions.forEach((session) => session.kill()), graceMilliseconds);
      await Promise.all([...sessions.values()].map(({ gone }) => gone));
      timer.clear();
    },
  } satisfies WorkbenchMethods['exports'] & { close: unknown };
};

const adapterOfRun = (store: Store, { id, status, configuration }: Run): AdapterRecord => {
  const adapter = store.adapters.ofRun(id);
  if (adapter !== undefined) return adapter;
  throw new WorkbenchError(
    'conflict',
    `the run "${configuration.name}" is ${status}: only a completed run can be exported`,
  );
};

/** Absolute. @throws WorkbenchError `conflict` when something is there already */
const chooseDestination = (
  { store, dataDirectory }: ExportsContext,
  { experimentId, name }: AdapterRecord,
  kind: ExportKind,
  asked: string | undefined,
): string => {
  const beingWritten = new Set(store.exports.withStatus('running').map(({ destination }) => destination));
  if (asked === undefined) {
    const experiment = experimentId === null ? [] : [findExperiment(store, experimentId).name];
    const names = [...experiment, name, kind];
    const isTaken = (path: string): boolean => beingWritten.has(path) || existsSync(path);
    return freeName(join(dataDirectory, 'exports', names.map(slugOf).join('-')), isTaken, '-');
  }
  const destination = resolve(asked);
  adoptFinished(
    store,
    store.exports.withStatus('failed').filter((one) => one.destination === destination),
  );
  if (beingWritten.has(destination))
    throw new WorkbenchError('conflict', `${destination}: another export is being written there`);
  assertFreeFolder(destination);
  return destination;
};

const exportSpecification = (
  store: Store,
  { experimentId, modelId, directory: adapterDirectory }: AdapterRecord,
  kind: ExportKind,
  destination: string,
): ExportSpecification => {
  const { directory: modelDirectory } = findModel(store, modelId);
  const threads = experimentId === null ? null : threadsOf(findExperiment(store, experimentId));
  return { kind, modelDirectory, adapterDirectory, destination, baseModelName: modelDirectory, threads };
};

const threadsOf = ({ definition }: ExperimentRecord): number | null =>
  experimentDefinitionSchema.parse(definition).training.threads;
