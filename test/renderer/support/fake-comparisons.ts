import { fakeRunPicture } from './fake-drawn-pictures.ts';
import { WorkbenchError } from '../../../main/engine/errors.ts';
import type {
  Comparison,
  ComparisonAnswer,
  ComparisonDefinition,
  ComparisonDesign,
  Dataset,
  ItemsPage,
  Model,
} from '../../../main/api/contract.ts';
import type { EmitEvent } from '../../../main/services/shared/workbench-events.ts';
import type { WorkbenchMethods } from '../../../main/services/shared/methods.ts';
import { summaryOfComparison } from '../../../main/api/contract.ts';
import { answerComparison } from '../../../main/services/comparisons/answer/answer-comparison.ts';
import { sampleDiagnosis } from '../../support/sample-diagnosis.ts';
import { pageOf } from './fake-lists.ts';
import { createdComparison, designOf, templates, templateDefinition } from './fake-designs.ts';
import { fakeShotItems, fakeShotsData } from './fake-shots.ts';
import { fakeItems } from './fake-items.ts';
import { sampleStudies } from './fake-studies.ts';
import type { SampleStudy } from './fake-studies.ts';
import { fakeComparisonData } from './fake-comparison-data.ts';

interface Library {
  emit: EmitEvent;
  models: readonly Model[];
  datasets: readonly Dataset[];
  /** Comparisons that are there from the start. */
  studies: readonly SampleStudy['name'][];
}

/** Comparisons in memory: some that were made before, and those that a test makes. Nothing trains. */
export const fakeComparisons = ({
  emit,
  models,
  datasets,
  studies,
}: Library): WorkbenchMethods['comparisons'] => {
  const known = new Map<string, SampleStudy>(
    sampleStudies
      .filter(({ name }) => studies.includes(name))
      .map((sample) => [sample.comparison.id, sample]),
  );
  const list: Comparison[] = [...known.values()].map(({ comparison }) => structuredClone(comparison));

  const find = (id: string): Comparison => {
    const found = list.find((comparison) => comparison.id === id || comparison.name === id);
    if (found === undefined) throw new WorkbenchError('not-found', `no comparison ${JSON.stringify(id)}`);
    return found;
  };
  const change = (id: string, changes: Partial<Comparison>): Comparison => {
    const comparison = Object.assign(find(id), changes);
    emit({ name: 'comparison.changed', payload: structuredClone(comparison) });
    return comparison;
  };
  const studyOf = (id: string): SampleStudy['study'] => {
    const study = known.get(find(id).id)?.study;
    if (study === undefined) throw new WorkbenchError('conflict', 'nothing is completed yet');
    return study;
  };
  const design = (definition: ComparisonDefinition): ComparisonDesign =>
    designOf(
      definition,
      models.find(({ id, name }) => id === definition.model || name === definition.model),
    );

  return {
    list: ({ cursor, limit }) => pageOf(list.map(summaryOfComparison), { cursor, limit }),
    show: ({ id }) => find(id),
    templates: () => templates,
    read: ({ path }) => {
      if (path !== '/studies/mine.yaml') throw new WorkbenchError('not-found', `${path}: no such file`);
      return {
        ...templateDefinition('equal-parameters', models[0]!.name, datasets[0]!.name, {}),
        name: 'Mine',
      };
    },
    fromTemplate: ({ template, model, dataset, files }) =>
      templateDefinition(template, model, dataset, files),
    design: ({ definition }) => design(definition),
    create({ definition }) {
      const model = models.find(({ id, name }) => id === definition.model || name === definition.model);
      const dataset = datasets.find(
        ({ id, name }) => id === definition.dataset || name === definition.dataset,
      );
      if (!model || !dataset) throw new WorkbenchError('not-found', 'no such model or data');
      const comparison = createdComparison(
        `comparison-${list.length + 1}`,
        design(definition),
        model,
        dataset,
      );
      list.unshift(comparison);
      emit({ name: 'comparison.changed', payload: structuredClone(comparison) });
      return comparison;
    },
    start({ id, accept }) {
      const confounds = find(id).confounds.map((confound) => ({
        ...confound,
        accepted: confound.accepted || accept.includes(confound.name),
      }));
      const open = confounds.filter(({ accepted }) => !accepted).map(({ name }) => name);
      if (open.length > 0) throw new WorkbenchError('conflict', `accept first: ${open.join(', ')}`);
      return change(id, { status: 'training', confounds, startedAt: new Date().toISOString() });
    },
    pause: ({ id }) => change(id, { status: 'paused' }),
    cancel: ({ id }) => change(id, { status: 'cancelled' }),
    remove({ id }) {
      const [removed] = list.splice(list.indexOf(find(id)), 1);
      emit({ name: 'comparisons.removed', payload: { removed: [removed!.id] } });
      return {};
    },
    diagnose: ({ id }) => {
      const asked = { status: 'waiting' as const, error: null, runIds: [] };
      return change(id, { status: 'diagnosing', diagnostics: asked });
    },
    diagnosis: ({ id }) => {
      const { diagnostics, runs } = find(id);
      const looked = runs.filter(({ runId }) => diagnostics?.runIds.includes(runId));
      return diagnostics?.status === 'completed' ? sampleDiagnosis(looked) : null;
    },
    answer: ({ id }) => answerOf(studyOf(id)),
    items: ({ id, task, onlyDiffering, cell, offset, limit }): ItemsPage => {
      const study = studyOf(id);
      const all = study.shots ? fakeShotItems(study, cell) : fakeItems(fakeComparisonData(study), task);
      const shown = onlyDiffering ? all.filter(({ subjects }) => differ(subjects)) : all;
      return { task, total: shown.length, offset, items: shown.slice(offset, offset + limit) };
    },
    pictures: ({ id, task: wanted }) => {
      const { definition, runs } = find(id);
      const task = definition.tasks.find(({ name }) => name === wanted);
      if (task?.kind !== 'drawn') throw new WorkbenchError('not-found', 'no such task');
      return {
        wanted: task.prompts.flatMap((prompt) => task.seeds.map((seed) => ({ prompt, seed }))),
        subjects: [null, ...runs.map(({ runId }) => runId)].map((runId) => ({
          runId,
          isDrawn: runId?.endsWith('-2-3') !== true,
        })),
      };
    },
    picture: ({ runId, position }) =>
      fakeRunPicture({ id: runId ?? 'base', step: runId === null ? 0 : 30, position }),
    report: ({ id, format }) => ({
      format,
      fileName: `${find(id).name}.${{ html: 'html', markdown: 'md', latex: 'tex', csv: 'csv', json: 'json' }[format]}`,
      text: `report of ${find(id).name} as ${format}\n`,
    }),
  };
};

const answers = new Map<string, ComparisonAnswer>();

/** The workbench's own answer, worked out once: it draws thousands of samples. */
const answerOf = (study: SampleStudy['study']): ComparisonAnswer => {
  const key = JSON.stringify(study);
  const answer =
    answers.get(key) ?? answerComparison(study.shots ? fakeShotsData(study) : fakeComparisonData(study));
  answers.set(key, answer);
  return answer;
};

/** Whether two arms, from the same seed, gave different answers. */
const differ = (subjects: ItemsPage['items'][number]['subjects']): boolean => {
  const seeds = Map.groupBy(
    subjects.filter(({ arm }) => arm !== null),
    ({ seed }) => seed,
  );
  return [...seeds.values()].some((those) => new Set(those.map(({ answer }) => answer)).size > 1);
};
