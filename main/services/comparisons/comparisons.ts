import { rmSync } from 'node:fs';
import { WorkbenchError } from '../../engine/errors.ts';
import { checkTasks } from '../../engine/scoring/check-tasks.ts';
import { overriddenTraining } from '../../engine/train/settings/training-overrides.ts';
import type { Devices } from '../devices/devices.ts';
import { refuseWhileExported } from '../removals/refuse-removal.ts';
import { findDataset } from '../library/datasets.ts';
import { targetLayersOf } from '../library/model-layers.ts';
import { findModel } from '../library/models.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';
import type { ComparisonRecord } from '../../store/repositories/comparisons.ts';
import type { MethodParamsParsed, WorkbenchMethods } from '../shared/methods.ts';
import type { Ownership } from '../shared/ownership.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import { readComparisonFile } from './comparison-file.ts';
import { comparisonOf } from './comparison-entity.ts';
import { summaryOfComparison } from './comparison-schema.ts';
import type { Comparison, ComparisonSummary } from './comparison-schema.ts';
import {
  cancelComparison,
  diagnoseComparison,
  pauseComparison,
  refuseUnaccepted,
  refuseWhileAtWork,
  startComparison,
  type ControlContext,
} from './control-comparison.ts';
import { checkComparison, hashTaskFiles, insertComparison, resolved } from './create-comparison.ts';
import type { ComparisonDefinition } from './definition.ts';
import { designComparison, type DesignContext } from './design-comparison.ts';
import { diagnosisFound } from './diagnostics/diagnosis-found.ts';
import { checkAccepted } from './design/confounds.ts';
import { comparisonTemplates, definitionFrom } from './design/templates/index.ts';
import { keptAnswer } from './evidence/kept-answer.ts';
import { reportDataOf } from './evidence/report-data-of.ts';
import { slugOf } from '../shared/names.ts';
import { reportExtensions, writeReport } from './report/write-report.ts';
import { itemsPage } from './evidence/items-page.ts';
import { measuredPicture, measuredPictures } from './pictures/measured-pictures.ts';
import { drawnByBase } from './scoring/score-specification.ts';
import { readState, type ComparisonState } from './orchestration/comparison-state.ts';

export interface ComparisonsContext extends ControlContext, DesignContext {
  readonly emit: EmitEvent;
  readonly ownership: Ownership;
  readonly devices: Devices;
  /** The program's own, for reports. */
  readonly version: string;
}

export const createComparisonsService = (context: ComparisonsContext) => {
  const { store, emit, ownership, devices, dataDirectory, version } = context;
  const find = (idOrName: string): ComparisonState => {
    const record = store.comparisons.find(idOrName);
    if (record === undefined) throw new WorkbenchError('not-found', `there is no comparison "${idOrName}"`);
    return readState(store, record);
  };
  const show = (id: string): Comparison => comparisonOf(store, version, find(id));
  const told = (id: string): Comparison => {
    const comparison = show(id);
    emit({ name: 'comparison.changed', payload: comparison });
    return comparison;
  };
  /** Refuses what can be seen without counting or reading the data. */
  const checkFirst = async (definition: ComparisonDefinition): Promise<void> => {
    const model = findModel(store, definition.model);
    const { format } = findDataset(store, definition.dataset);
    checkTasks(definition.tasks, model.objective, format);
    for (const { training } of definition.arms)
      devices.refuseUnusable(overriddenTraining(definition.training, training).device);
    await checkComparison(context, definition, definition.arms);
  };

  return {
    list: (asked: Partial<MethodParamsParsed<'comparisons.list'>> = {}) => {
      const page = store.comparisons.page({ limit: 50, ...asked });
      const summary = (record: ComparisonRecord): ComparisonSummary =>
        summaryOfComparison(comparisonOf(store, version, readState(store, record)));
      return { ...page, items: page.items.map(summary) };
    },
    show: ({ id }) => show(id),
    templates: () =>
      comparisonTemplates.map(({ make: _, tasks, ...template }) => ({
        ...template,
        tasks: tasks.map(({ name, title }) => ({ name, title })),
      })),
    fromTemplate: async ({ template, model: modelId, dataset: datasetId, files }) => {
      const [model, dataset] = [findModel(store, modelId), findDataset(store, datasetId)];
      return definitionFrom(template, {
        model: model.name,
        dataset: dataset.name,
        layers: await targetLayersOf(context.readFiles, model),
        objective: model.objective,
        drawnSides: model.drawnSides,
        trainRows: dataset.trainRows,
        modulesToSave: model.classifier?.newModules ?? [],
        files,
      });
    },
    read: ({ path }) => readComparisonFile(path),
    design: async ({ definition }) => {
      await checkFirst(definition);
      return designComparison(
        context,
        resolved(definition, findDataset(store, definition.dataset), findModel(store, definition.model)),
      );
    },
    create: async ({ definition: asked }) => {
      const definition = resolved(asked, findDataset(store, asked.dataset), findModel(store, asked.model));
      await checkFirst(definition);
      const hashes = await hashTaskFiles(definition);
      const design = await designComparison(context, definition);
      await checkComparison(context, definition, design.arms);
      const id = store.transaction(() => insertComparison(store, definition, design, hashes));
      return told(id);
    },
    start: ({ id: wanted, accept }) => {
      ownership.require();
      const state = find(wanted);
      checkAccepted(accept);
      const accepted = new Set([...state.accepted, ...accept]);
      refuseUnaccepted(state, accepted);
      store.comparisons.update(state.id, { accepted: [...accepted] });
      startComparison(context, find(state.id));
      return told(state.id);
    },
    pause: ({ id }) => {
      ownership.require();
      const state = find(id);
      pauseComparison(context, state);
      return told(state.id);
    },
    cancel: ({ id }) => {
      ownership.require();
      const state = find(id);
      cancelComparison(context, state);
      return told(state.id);
    },
    diagnose: ({ id }) => {
      ownership.require();
      const state = find(id);
      diagnoseComparison(context, state);
      return told(state.id);
    },
    diagnosis: ({ id }) => diagnosisFound(store, find(id).id),
    remove: ({ id }) => {
      const removed = store.transaction(() => {
        const state = find(id);
        refuseWhileAtWork(state);
        for (const { runId, arm } of state.runs)
          refuseWhileExported(store, runId, `${arm} of "${state.name}"`);
        store.comparisons.remove(state.id);
        for (const experimentId of new Set(state.runs.map((run) => run.experimentId)))
          store.experiments.remove(experimentId);
        return state;
      });
      for (const { runId } of removed.runs)
        rmSync(runDirectoryOf(dataDirectory, runId), { recursive: true, force: true });
      rmSync(drawnByBase(dataDirectory, removed.id), { recursive: true, force: true });
      emit({ name: 'comparisons.removed', payload: { removed: [removed.id] } });
      const gone = [...new Set(removed.runs.map(({ experimentId }) => experimentId))];
      emit({ name: 'experiments.changed', payload: { changed: [], removed: gone } });
      return {};
    },
    answer: ({ id }) => keptAnswer(store, version, find(id)),
    items: ({ id, ...wanted }) => itemsPage(store, find(id), wanted),
    pictures: ({ id, task }) => measuredPictures(dataDirectory, find(id), { task }),
    picture: ({ id, ...wanted }) => measuredPicture(dataDirectory, find(id), wanted),
    report: async ({ id, format }) => {
      const state = find(id);
      const answer = keptAnswer(store, version, state);
      const data = await reportDataOf(store, version, state, answer);
      return {
        format,
        fileName: `${slugOf(state.name)}.${reportExtensions[format]}`,
        text: writeReport(data, format),
      };
    },
  } satisfies WorkbenchMethods['comparisons'];
};
