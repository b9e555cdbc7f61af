import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { WorkbenchError } from '../engine/errors.ts';
import type { ExportRecord } from '../store/repositories/exports.ts';
import type { Store } from '../store/store.ts';
import type { ExportKind, ExportSpecification } from '../trainer/protocol.ts';
import type { SpawnTrainer } from '../trainer/trainer-process.ts';
import type { Export, Run } from './entities.ts';
import { exportOf } from './entity-mapping.ts';
import { experimentDefinitionSchema } from './experiment-definition.ts';
import { findExperiment } from './experiment-lookup.ts';
import { startExportSession } from './export-session.ts';
import type { ExportSession } from './export-session.ts';
import { createId, now } from './identifiers.ts';
import { findModel } from './models.ts';
import { freeName, slugOf } from './names.ts';
import type { Ownership } from './ownership.ts';
import type { RunLedger } from './run-ledger.ts';
import type { EmitEvent } from './workbench-events.ts';
import type { WorkbenchMethods } from './workbench-types.ts';

export interface ExportsContext {
  readonly store: Store;
  readonly ledger: RunLedger;
  readonly ownership: Ownership;
  readonly emit: EmitEvent;
  readonly spawnTrainer: SpawnTrainer;
  readonly dataDirectory: string;
}

export type ExportsService = WorkbenchMethods['exports'] & {
  /** Waits for what is being written, and ends what is not done in time. */
  close(graceMilliseconds: number): Promise<void>;
};

export const createExportsService = (context: ExportsContext): ExportsService => {
  const { store, ledger, ownership, emit } = context;
  const sessions = new Map<string, ExportSession>();
  const find = (id: string): ExportRecord => {
    const record = store.exports.find(id);
    if (record === undefined) throw new WorkbenchError('not-found', `there is no export "${id}"`);
    return record;
  };
  const show = (id: string): Export => exportOf(find(id), sessions.get(id)?.progress() ?? null);

  return {
    list: () =>
      store.exports.list().map((record) => exportOf(record, sessions.get(record.id)?.progress() ?? null)),
    show: ({ id }) => show(id),
    create: ({ runId, kind, destination }) => {
      ownership.require();
      const run = ledger.show(runId);
      const adapter = store.adapters.ofRun(runId);
      if (adapter === undefined)
        throw new WorkbenchError(
          'conflict',
          `the run "${run.configuration.name}" is ${run.status}: only a completed run can be exported`,
        );
      const target = chooseDestination(context, run, kind, destination);
      const id = createId();
      const specification = exportSpecification(store, run, kind, adapter.directory, target);
      store.exports.insert({
        id,
        runId,
        kind,
        destination: target,
        status: 'running',
        summary: null,
        error: null,
        createdAt: now(),
      });
      const announce = (): void => emit({ name: 'export.changed', payload: show(id) });
      const session = startExportSession({ ...context, announce }, id, specification);
      sessions.set(id, session);
      void session.gone.then(() => sessions.delete(id));
      announce();
      return show(id);
    },
    close: async (graceMilliseconds) => {
      const timer = setTimeout(() => sessions.forEach((session) => session.kill()), graceMilliseconds);
      await Promise.all([...sessions.values()].map(({ gone }) => gone));
      clearTimeout(timer);
    },
  };
};

/** Absolute. @throws WorkbenchError `conflict` when something is there already */
const chooseDestination = (
  { store, dataDirectory }: ExportsContext,
  run: Run,
  kind: ExportKind,
  asked: string | undefined,
): string => {
  const beingWritten = new Set(store.exports.withStatus('running').map(({ destination }) => destination));
  if (asked === undefined) {
    const names = [findExperiment(store, run.experimentId).name, run.configuration.name, kind];
    const isTaken = (path: string): boolean => beingWritten.has(path) || existsSync(path);
    return freeName(join(dataDirectory, 'exports', names.map(slugOf).join('-')), isTaken, '-');
  }
  const destination = resolve(asked);
  if (beingWritten.has(destination))
    throw new WorkbenchError('conflict', `${destination}: another export is being written there`);
  if (existsSync(destination) && !isEmptyDirectory(destination))
    throw new WorkbenchError(
      'conflict',
      `${destination}: there is something already; choose a new or empty folder`,
    );
  return destination;
};

const isEmptyDirectory = (path: string): boolean =>
  statSync(path).isDirectory() && readdirSync(path).length === 0;

const exportSpecification = (
  store: Store,
  run: Run,
  kind: ExportKind,
  adapterDirectory: string,
  destination: string,
): ExportSpecification => {
  const experiment = findExperiment(store, run.experimentId);
  const { directory: modelDirectory } = findModel(store, experiment.modelId);
  const { threads } = experimentDefinitionSchema.parse(experiment.definition).training;
  return { kind, modelDirectory, adapterDirectory, destination, baseModelName: modelDirectory, threads };
};
