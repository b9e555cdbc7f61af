import { rmSync } from 'node:fs';
import type { ExperimentRecord } from '../../store/repositories/experiments.ts';
import type { Store } from '../../store/store.ts';
import type { Devices } from '../devices/devices.ts';
import { compareRuns } from './comparison.ts';
import { overriddenTraining } from '../../engine/train/settings/training-overrides.ts';
import { findDataset } from '../library/datasets.ts';
import type { Experiment } from '../shared/entities.ts';
import { experimentOf } from '../shared/entity-mapping.ts';
import { demoDefinition } from './demo-definition.ts';
import { parseExperiment, writeExperiment } from './experiment-file.ts';
import { namedDefinition } from './named-definition.ts';
import { checkAdaptersFit, checkDefinition } from './experiment-checks.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';
import { insertExperiment } from './insert-experiment.ts';
import { findModel } from '../library/models.ts';
import type { ReadFiles } from '../reading/reader.ts';
import type { MemoryChecks } from '../memory/memory-checks.ts';
import { slugOf } from '../shared/names.ts';
import type { Ownership } from '../shared/ownership.ts';
import type { RunLedger } from '../runs/run-ledger.ts';
import type { RunQueue } from '../runs/run-queue.ts';
import { definitionFromPresets } from './presets/definition-from-presets.ts';
import { experimentPresets } from './presets/index.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';
import { refuseExperimentRemoval } from '../removals/refuse-removal.ts';
import { isAtRest } from '../runs/run-status.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import type { MethodParamsParsed, WorkbenchMethods } from '../shared/methods.ts';

interface ExperimentsContext {
  readonly store: Store;
  readonly ledger: RunLedger;
  readonly queue: RunQueue;
  readonly ownership: Ownership;
  readonly emit: EmitEvent;
  readonly dataDirectory: string;
  readonly devices: Devices;
  readonly memory: MemoryChecks;
  readonly readFiles: ReadFiles;
  readonly sampleDirectory: string | null;
}

export const createExperimentsService = (context: ExperimentsContext) => {
  const { store, ledger, queue, ownership, emit, dataDirectory } = context;
  const entity = (record: ExperimentRecord): Experiment =>
    experimentOf(store, record, ledger.ofExperiment(record.id));
  const show = (idOrName: string): Experiment => entity(findExperiment(store, idOrName));

  return {
    list: (asked: Partial<MethodParamsParsed<'experiments.list'>> = {}) => {
      const page = store.experimentSummaries.page({
        ...{ limit: 100, sort: 'newest', ofComparisons: 'shown' },
        ...asked,
      });
      return { ...page, items: page.items.map(ledger.experimentSummary) };
    },
    show: ({ id }) => show(id),
    create: async ({ definition }) => {
      for (const { training } of definition.configurations)
        context.devices.refuseUnusable(overriddenTraining(definition.training, training).device);
      const model = findModel(store, definition.model);
      checkDefinition(definition, model, findDataset(store, definition.dataset));
      await checkAdaptersFit(context.readFiles, model, definition.configurations);
      const id = store.transaction(() => insertExperiment(store, definition).experimentId);
      ledger.announceExperiments([id]);
      return show(id);
    },
    demo: () => demoDefinition(store, context.sampleDirectory),
    presets: () => [...experimentPresets],
    fromPreset: (request) => definitionFromPresets(store, request),
    read: ({ text, name }) => parseExperiment(text, name),
    write: ({ definition }) => ({
      fileName: `${slugOf(definition.name)}.yaml`,
      text: writeExperiment(namedDefinition(store, definition)),
    }),
    estimate: async ({ definition }) => {
      const model = findModel(store, definition.model);
      const dataset = findDataset(store, definition.dataset);
      checkDefinition(definition, model, dataset);
      await checkAdaptersFit(context.readFiles, model, definition.configurations);
      return context.memory.report(definition, model.directory, dataset.format);
    },
    start: ({ id }) => {
      ownership.require();
      const experiment = show(id);
      for (const run of experiment.runs)
        if (isAtRest(run.status) && run.status !== 'completed') ledger.change(run.id, { status: 'queued' });
      queue.advance();
      return show(experiment.id);
    },
    remove: ({ id }) => {
      const { experimentId, runIds, adapterIds } = store.transaction(() => {
        const found = show(id);
        refuseExperimentRemoval(store, found);
        const all = store.experiments.runIds(found.id);
        const adapters = all.flatMap((runId) => store.adapters.ofRun(runId)?.id ?? []);
        store.experiments.remove(found.id);
        store.removals.dropEmpty();
        return { experimentId: found.id, runIds: all, adapterIds: adapters };
      });
      for (const runId of runIds)
        rmSync(runDirectoryOf(dataDirectory, runId), { recursive: true, force: true });
      emit({ name: 'experiments.changed', payload: { changed: [], removed: [experimentId] } });
      emit({ name: 'adapters.changed', payload: { changed: [], removed: adapterIds } });
      return {};
    },
    compare: ({ id }) => compareRuns(show(id)),
  } satisfies WorkbenchMethods['experiments'];
};
