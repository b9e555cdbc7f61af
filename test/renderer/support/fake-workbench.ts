import type { DeviceName } from '../../../main/engine/runtime/device-names.ts';
import { join } from 'node:path';
import {
  adapterSettingsSchema,
  experimentDefinitionSchema,
  metricRegistry,
} from '../../../main/api/contract.ts';
import type {
  Adapter,
  Dataset,
  Experiment,
  ExperimentDefinition,
  ExperimentTemplate,
  Export,
  Metric,
  Model,
  Queue,
  QueuedRun,
  Run,
} from '../../../main/api/contract.ts';
import type { EmitEvent } from '../../../main/services/shared/workbench-events.ts';
import type { WorkbenchMethods } from '../../../main/services/shared/methods.ts';
import { WorkbenchError } from '../../../main/engine/errors.ts';
import { parseExperiment, writeExperiment } from '../../../main/services/experiments/experiment-file.ts';
import { experimentPresets } from '../../../main/services/experiments/presets/index.ts';
import { spellOutPresets } from '../../../main/services/experiments/presets/spell-out-presets.ts';
import { slugOf } from '../../../main/services/shared/names.ts';
import { createMetricSeries } from '../../../main/services/runs/metric-series.ts';
import { assertTransition } from '../../../main/services/runs/run-status.ts';
import { createFoldersService } from '../../../main/services/folders/folders.ts';
import { root } from '../../support/paths.ts';
import { pageOf, summaryOfExperiment } from './fake-lists.ts';
import { fakeBackups } from './fake-backup.ts';
import { fakeIntegrity } from './fake-integrity.ts';
import { fakeRemovals } from './fake-removals.ts';
import { fakeRunTable } from './fake-run-table.ts';
import { fakeComparisons } from './fake-comparisons.ts';
import {
  certificateOf,
  createdExperiment,
  fakeDevices,
  fakeDoctor,
  fakeMemory,
  sampleDataset,
  samplePictures,
  sampleModel,
  sampleStorage,
  sampleView,
  comparer,
  drawer,
  drawerLayers,
  drawerParts,
  encoder,
} from './fake-entities.ts';
import { fakeCombining } from './fake-combining.ts';
import { fakeModelFacts } from './fake-model-facts.ts';
import { fakeSubjectInspection, sampleSubject } from './fake-subject.ts';
import { fakeLayers, fakePictures, fakePicturesInspection, picturesLeft } from './fake-pictures.ts';
import { createFakeReading } from './fake-reading.ts';
import { createFakeSurveys, fakeDatasetPreview, fakeInspection, fakeTemplate } from './fake-data.ts';
import { createFakeBlind } from './fake-blind.ts';
import { createFakeClassifying } from './fake-classifying.ts';
import { createFakeDrawing } from './fake-drawing.ts';
import { createFakeGeneration } from './fake-generation.ts';
import type { SampleStudy } from './fake-studies.ts';
import { extendedDefinition, extensionOf } from './fake-extension.ts';
import {
  drawnAt,
  fakeArmPictures,
  fakeRunPicture,
  fakeRunPictures,
  isOfComparison,
} from './fake-drawn-pictures.ts';
import { fakeSamples, interval, writtenAt } from './fake-samples.ts';
import { heldOutAt, metricsAt, stepsOf, storedIn, summaryOf } from './fake-training.ts';

export interface FakeOptions {
  emit: EmitEvent;
  /** Without the sample model and data. */
  empty?: boolean;
  stepMilliseconds?: number;
  /** While set, no run goes on beyond this step. */
  hold?: { atStep: number | null };
  /** Comparisons that are there from the start. */
  studies?: SampleStudy['name'][];
  /** What folders are looked for in, on the real disk. */
  home?: string;
  /** What is said of a data directory that can only be read. */
  viewing?: string;
}

const demoText = `version: 1
name: Demo
model: ${sampleModel.name}
dataset: ${sampleDataset.name}
training: { steps: 12, batchSize: 8, schedule: cosine }
configurations:
  - { name: LoRA r4, learningRate: 5.0e-3, adapter: { method: lora, rank: 4, alpha: 8 } }
  - { name: NoRA 64/16, learningRate: 1.0e-2, adapter: { method: nora, outerRank: 64, innerRank: 16, alpha: 32 } }
`;

/** The workbench's methods in memory: what the window is tested against. Training is made up and quick. */
export const createFakeWorkbench = ({
  emit,
  empty = false,
  stepMilliseconds = 20,
  hold = { atStep: null },
  studies = [],
  home = join(root, 'main/sample'),
  viewing,
}: FakeOptions): WorkbenchMethods => {
  const models: Model[] = empty ? [] : [sampleModel];
  const datasets: Dataset[] = empty ? [] : [sampleDataset];
  const experiments: Experiment[] = [];
  const adapters: Adapter[] = [];
  const exports: Export[] = [];
  const templates: ExperimentTemplate[] = [];
  const metrics = new Map<string, Metric[]>();
  const storage = structuredClone(sampleStorage);
  const queue: string[] = [];
  let active: string | undefined;
  let paused = { pausedAt: null as string | null, andRunning: false };

  const find = <T extends { id: string }>(list: T[], id: string, what: string): T => {
    const found = list.find((item) => item.id === id || ('name' in item && item.name === id));
    if (found === undefined) throw new WorkbenchError('not-found', `no ${what} ${JSON.stringify(id)}`);
    return found;
  };
  const runOf = (id: string): Run =>
    find(
      experiments.flatMap(({ runs }) => runs),
      id,
      'run',
    );

  const experimentOf = ({ experimentId }: Run): Experiment => find(experiments, experimentId, 'experiment');

  const create = (definition: ExperimentDefinition): Experiment => {
    const model = find(models, definition.model, 'model');
    const dataset = find(datasets, definition.dataset, 'dataset');
    const experiment = createdExperiment(`experiment-${experiments.length + 1}`, definition, model, dataset);
    experiments.unshift(experiment);
    announce(experiment.id);
    return experiment;
  };

  const change = (id: string, changes: Partial<Run>): Run => {
    const run = runOf(id);
    const { status = run.status } = changes;
    if (status !== run.status) assertTransition(run.configuration.name, run.status, status);
    const isOther = status !== run.status;
    Object.assign(run, changes);
    emit({ name: 'run.changed', payload: structuredClone(run) });
    if (isOther) announce(run.experimentId);
    if (changes.status !== undefined) tellQueue();
    return run;
  };

  const announce = (experimentId: string): void =>
    emit({
      name: 'experiments.changed',
      payload: { changed: [summaryOfExperiment(find(experiments, experimentId, 'experiment'))], removed: [] },
    });

  const queuedRun = (id: string): QueuedRun => {
    const { configuration, experimentId, status, step, steps, progress } = runOf(id);
    const experimentName = find(experiments, experimentId, 'experiment').name;
    const run = { runId: id, name: configuration.name, experimentId, experimentName, comparisonId: null };
    return { ...run, status, step, steps, progress };
  };
  const showQueue = (): Queue => ({
    ...paused,
    running: active === undefined ? [] : [queuedRun(active)],
    jobs: [],
    waiting: queue.length,
    next: queue.map(queuedRun),
  });
  const tellQueue = (): void =>
    void setTimeout(() => emit({ name: 'queue.changed', payload: structuredClone(showQueue()) }), 0);
  const setPaused = (next: typeof paused): Queue => {
    paused = next;
    tellQueue();
    return showQueue();
  };

  const record = (run: Run, added: Metric[]): void => {
    metrics.set(run.id, [...(metrics.get(run.id) ?? []), ...added]);
    emit({ name: 'run.metrics', payload: { runId: run.id, metrics: added } });
    const [{ step: at } = { step: -1 }] = added;
    if (at % interval === 0 && experimentOf(run).definition.training.samples !== null)
      emit({ name: 'run.samples', payload: writtenAt(experimentOf(run), run, at) });
    if (at % interval === 0 && (experimentOf(run).definition.training.diffusion?.samples ?? null) !== null)
      emit({ name: 'run.pictures', payload: drawnAt(experimentOf(run), run, at) });
  };

  const next = (): void => {
    if (active !== undefined || paused.pausedAt !== null) return;
    const id = queue.shift();
    active = id;
    if (id === undefined) return;
    const run = change(id, {
      status: 'running',
      steps: stepsOf(runOf(id)),
      startedAt: runOf(id).startedAt ?? new Date().toISOString(),
    });
    if (run.step === 0) record(run, [heldOutAt(run, 0)]);
    setTimeout(() => step(id), stepMilliseconds);
  };

  const step = (id: string): void => {
    const run = runOf(id);
    const rest = { pausing: paused.andRunning ? 'queued' : 'paused', cancelling: 'cancelled' } as const;
    if (run.status === 'pausing' || run.status === 'cancelling') {
      if (rest[run.status] === 'queued') queue.unshift(id);
      change(id, {
        status: rest[run.status],
        progress: null,
        checkpointStep: run.status === 'pausing' ? run.step : null,
      });
      active = undefined;
      return next();
    }
    if (run.step === hold.atStep) return void setTimeout(() => step(id), stepMilliseconds);
    const done = run.step + 1;
    const added = metricsAt(run, done);
    record(run, added);
    change(id, {
      step: done,
      latest: { ...run.latest, ...Object.fromEntries(added.map(({ name, value }) => [name, value])) },
      progress: { phase: 'training', done, total: stepsOf(run) },
    });
    if (done < stepsOf(run)) return void setTimeout(() => step(id), stepMilliseconds);
    complete(run);
    active = undefined;
    next();
  };

  const unqueue = (id: string): void => {
    const place = queue.indexOf(id);
    if (place !== -1) queue.splice(place, 1);
  };

  const complete = (run: Run): void => {
    const { id, experimentId, configuration } = run;
    const summary = summaryOf(run);
    const adapter: Adapter = {
      id: `${id}-adapter`,
      runId: id,
      experimentId,
      experimentName: find(experiments, experimentId, 'experiment').name,
      modelId: sampleModel.id,
      modelName: sampleModel.name,
      objective: sampleModel.objective,
      settings: configuration.adapter,
      source: null,
      parts: null,
      name: configuration.name,
      method: configuration.adapter.method,
      directory: `/home/ada/.local/share/nora-workbench/runs/${id}/adapter`,
      trainedParameters: summary['run/trained_parameters'],
      createdAt: new Date().toISOString(),
    };
    adapters.push(adapter);
    emit({ name: 'adapters.changed', payload: { changed: [structuredClone(adapter)], removed: [] } });
    change(id, {
      status: 'completed',
      progress: null,
      summary,
      adapterId: `${id}-adapter`,
      endedAt: new Date().toISOString(),
    });
  };

  const start = (id: string, device?: DeviceName): Run => {
    queue.push(id);
    const since = runOf(id).checkpointStep ?? 0;
    const run = change(id, { status: 'queued', ...(device && { device: { name: device, since } }) });
    setTimeout(next, stepMilliseconds);
    return run;
  };

  const reading = createFakeReading(emit);

  return {
    app: {
      doctor: async () => fakeDoctor,
      log: () => ({
        file: '/data/logs/workbench.log',
        lines: [
          { at: '2026-01-01T10:00:00.000Z', level: 'info', text: 'serving at http://127.0.0.1:7860/' },
          { at: '2026-01-01T10:00:05.000Z', level: 'warning', text: 'run a1: failed' },
        ],
      }),
      report: () => ({ text: '# NoRA Workbench 0.1.0\n\n## Machine\n\n- Linux 6.1\n' }),
    },
    readings: { stop: reading.stop },
    storage: {
      show: () => structuredClone(storage),
      clear({ part }) {
        const cleared = storage.parts.find(({ name }) => name === part)!;
        const { files, bytes } = cleared;
        Object.assign(cleared, { files: 0, bytes: 0 });
        return { files, bytes };
      },
    },
    integrity: fakeIntegrity(emit),
    backups: fakeBackups(emit),
    machine: {
      show: () => ({
        processor: 'AMD EPYC 9354P 32-Core Processor',
        threads: 32,
        memory: { totalBytes: 24e9, availableBytes: 17.2e9 },
        disk: { directory: storage.directory, freeBytes: storage.freeBytes },
        viewing: viewing ?? null,
        devices: fakeDevices.filter(({ usable }) => usable),
      }),
    },
    folders: createFoldersService({ home, dataDirectory: home }),
    devices: {
      list: async () => fakeDevices,
      probe: async () => fakeDevices,
    },
    models: {
      list: () => models,
      show: ({ id }) => find(models, id, 'model'),
      async import({ directory, name }) {
        if (!directory.startsWith('/models/'))
          throw new WorkbenchError('invalid-input', `${directory}/config.json: no such file`);
        const model = {
          ...sampleModel,
          ...(directory.endsWith('bert') && encoder),
          ...(directory.endsWith('clip') && comparer),
          ...(directory.endsWith('diffusion') && drawer),
          ...(directory.endsWith('dino') && {
            architecture: 'vit',
            objective: 'picture-embeddings' as const,
          }),
          id: `model-${models.length + 1}`,
          name: name ?? directory.slice(8),
          directory,
          builtIn: false,
        };
        models.push(model);
        emit({ name: 'models.changed', payload: {} });
        return model;
      },
      ...fakeModelFacts((id) => find(models, id, 'model'), emit, stepMilliseconds),
      families: async () => ['Llama', 'Qwen'],
      async verify({ id }) {
        const { name, directory } = find(models, id, 'model');
        const isChanged = directory.endsWith('changed');
        const was = 'aaaa'.repeat(16);
        const is = isChanged ? 'bbbb'.repeat(16) : was;
        return {
          modelId: id,
          name,
          directory,
          unchanged: !isChanged,
          recordedNow: false,
          files: [
            { name: 'config.json', kind: 'config', state: 'unchanged', was, is: was },
            {
              name: 'model.safetensors',
              kind: 'weights',
              state: isChanged ? 'changed' : 'unchanged',
              was,
              is,
            },
          ],
          problem: isChanged ? `${directory}: the model "${name}" has changed since it was imported` : null,
        };
      },
      layers: ({ id }) => {
        const model = find(models, id, 'model');
        return model.objective === 'noise' ? drawerLayers : fakeLayers(model);
      },
      parts: ({ id }) => (find(models, id, 'model').objective === 'noise' ? drawerParts : []),
      pictureView: ({ id }) => {
        const { objective, name } = find(models, id, 'model');
        if (objective !== 'class-prompts')
          throw new WorkbenchError('invalid-input', `${name}: sees text alone`);
        return sampleView;
      },
      chatTemplate: () => ({ template: fakeTemplate, isOwn: true, forTools: null }),
      remove({ id }) {
        models.splice(models.indexOf(find(models, id, 'model')), 1);
        return {};
      },
    },
    datasets: {
      list: () => datasets,
      show: ({ id }) => find(datasets, id, 'dataset'),
      async import({ trainFile, validationFile, name, format, job, skipBroken = false }) {
        if (trainFile.endsWith('endless.jsonl')) return reading.begin(job!, trainFile);
        if (trainFile.endsWith('broken.jsonl'))
          throw new WorkbenchError('invalid-input', `${trainFile}: line 3 is not JSON`);
        const known = [samplePictures, sampleSubject].find((one) => one.trainFile === trainFile);
        const isOfPictures = known === samplePictures;
        const dataset: Dataset = {
          ...(known ?? sampleDataset),
          id: `dataset-${datasets.length + 1}`,
          name: name ?? known?.name ?? 'imported',
          trainFile,
          validationFile: validationFile ?? null,
          format: format ?? (isOfPictures ? picturesLeft(skipBroken) : (known ?? sampleDataset).format),
          builtIn: false,
        };
        datasets.push(dataset);
        emit({ name: 'datasets.changed', payload: {} });
        return dataset;
      },
      remove({ id }) {
        datasets.splice(datasets.indexOf(find(datasets, id, 'dataset')), 1);
        return {};
      },
      inspect: (asked) =>
        asked.trainFile === sampleSubject.trainFile
          ? fakeSubjectInspection(asked.pictures)
          : /\/(textures|oxford_pets)$/.test(asked.trainFile)
            ? fakePicturesInspection(asked.trainFile)
            : fakeInspection(asked),
      ...fakePictures(
        (id) => find(datasets, id, 'dataset'),
        (id) => find(models, id, 'model'),
      ),
      ...createFakeSurveys((id) => find(datasets, id, 'dataset').name),
      preview: (request) => fakeDatasetPreview(find(datasets, request.id, 'dataset'), request),
    },
    experiments: {
      presets: () => [...experimentPresets],
      fromPreset: ({ presets, model, dataset, seed, shots }) =>
        experimentDefinitionSchema.parse(
          spellOutPresets(
            {
              ...{ version: 1, name: presets.join(', '), preset: presets, model, dataset, seed },
              training: shots === undefined ? {} : { pictures: { shots } },
            },
            'configurations',
          ),
        ),
      list: ({ ofComparisons, search = '', sort, ...page }) => {
        const isShown = {
          shown: () => true,
          only: ({ comparisonId }: Experiment) => comparisonId !== null,
          hidden: ({ comparisonId }: Experiment) => comparisonId === null,
        }[ofComparisons];
        const found = experiments
          .filter(isShown)
          .filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()));
        if (sort === 'oldest') found.reverse();
        if (sort === 'name') found.sort((a, b) => a.name.localeCompare(b.name));
        return pageOf(found.map(summaryOfExperiment), page);
      },
      show: ({ id }) => find(experiments, id, 'experiment'),
      create: ({ definition }) => create(definition),
      demo: () => parseExperiment(demoText, 'demo.yaml'),
      read: ({ text, name }) => parseExperiment(text, name),
      write: ({ definition }) => ({
        fileName: `${slugOf(definition.name)}.yaml`,
        text: writeExperiment({
          ...definition,
          model: find(models, definition.model, 'model').name,
          dataset: find(datasets, definition.dataset, 'dataset').name,
        }),
      }),
      estimate: async ({ definition }) => fakeMemory(definition),
      start({ id }) {
        const experiment = find(experiments, id, 'experiment');
        for (const run of experiment.runs) if (run.status !== 'completed') start(run.id);
        return experiment;
      },
      remove({ id }) {
        experiments.splice(experiments.indexOf(find(experiments, id, 'experiment')), 1);
        emit({ name: 'experiments.changed', payload: { changed: [], removed: [id] } });
        return {};
      },
      compare({ id }) {
        const { runs } = find(experiments, id, 'experiment');
        const completed = runs.filter(({ summary }) => summary !== null);
        const best = completed.toSorted(
          (a, b) => summaryOf(a)['validation/loss'] - summaryOf(b)['validation/loss'],
        )[0];
        return {
          experimentId: id,
          rows: runs.map((run) => ({
            runId: run.id,
            name: run.configuration.name,
            method: run.configuration.adapter.method,
            status: run.status,
            summary: run.summary,
          })),
          bestRunId: best?.id ?? null,
          standing: best === undefined ? 'nothing' : completed.length === 1 ? 'alone' : 'ahead',
          verdict: `${best?.configuration.name ?? 'Nothing'} ends lowest on the held-out part. One seed and one held-out part: a difference this small may be noise.`,
        };
      },
    },
    templates: {
      list: () => templates,
      save({ definition }) {
        const id = slugOf(definition.name);
        if (templates.some((known) => known.id === id))
          throw new WorkbenchError(
            'conflict',
            `there is a template "${definition.name}" already; choose another name`,
          );
        const template: ExperimentTemplate = { id, name: definition.name, definition, problem: null };
        templates.push(template);
        return template;
      },
      remove({ id }) {
        templates.splice(templates.indexOf(find(templates, id, 'template')), 1);
        return {};
      },
    },
    comparisons: fakeComparisons({ emit, models, datasets, studies }),
    runs: {
      ...fakeRunTable(experiments),
      show: ({ id }) => runOf(id),
      start: ({ id, device }) => start(id, device),
      resume: ({ id, device }) => start(id, device),
      startOver: ({ id }) => {
        metrics.delete(id);
        change(id, { step: 0, checkpointStep: null });
        return start(id);
      },
      pause({ id }) {
        const { status, step } = runOf(id);
        if (status !== 'queued') return change(id, { status: 'pausing' });
        unqueue(id);
        return change(id, { status: step > 0 ? 'paused' : 'created' });
      },
      cancel({ id }) {
        unqueue(id);
        return change(id, { status: id === active ? 'cancelling' : 'cancelled' });
      },
      log: ({ id }) => ({
        text: `2026-11-20T09:00:00.000Z begins\n2026-11-20T09:00:04.000Z ${runOf(id).step} steps\n`,
      }),
      extend: ({ id, steps }) => {
        const source = runOf(id);
        const { definition } = experimentOf(source);
        const extended = create(extendedDefinition(definition, source, steps));
        Object.assign(extended.runs[0]!, extensionOf(source, steps));
        return extended;
      },
      samples: fakeSamples(runOf, experimentOf),
      pictures: (asked) =>
        asked.ids.every(isOfComparison)
          ? fakeArmPictures(asked)
          : fakeRunPictures(runOf, experimentOf)(asked),
      picture: fakeRunPicture,
      metrics: ({ id, name }) =>
        (metrics.get(id) ?? []).filter((metric) => name === undefined || metric.name === name),
    },
    metrics: {
      list: () => metricRegistry,
      series: createMetricSeries(
        storedIn((id) => metrics.get(id) ?? []),
        runOf,
      ),
    },
    ...fakeRemovals({ emit, experiments, summaryOf: summaryOfExperiment }),
    queue: {
      show: showQueue,
      pause({ andRunning }) {
        if (andRunning && active !== undefined) change(active, { status: 'pausing' });
        return setPaused({ pausedAt: new Date().toISOString(), andRunning });
      },
      resume() {
        setTimeout(next, stepMilliseconds);
        return setPaused({ pausedAt: null, andRunning: false });
      },
    },
    blind: createFakeBlind({ emit }),
    // No page asks it.
    fidelity: {
      measure: () => {
        throw new WorkbenchError('unsupported', 'nothing is measured here');
      },
      stop: () => ({}),
    },
    classifying: createFakeClassifying({ emit, datasets: () => datasets, stepMilliseconds }),
    drawing: createFakeDrawing({ emit, stepMilliseconds }),
    generation: createFakeGeneration({ emit, models: () => models, adapters: () => adapters }),
    adapters: {
      list: ({ experimentId, modelId, imported, search = '', ...page }) =>
        pageOf(
          adapters.filter(
            (one) =>
              (experimentId === undefined || one.experimentId === experimentId) &&
              (modelId === undefined || one.modelId === modelId) &&
              (imported === undefined || (one.runId === null) === imported) &&
              one.name.toLowerCase().includes(search.toLowerCase()),
          ),
          page,
        ),
      show: ({ id }) => find(adapters, id, 'adapter'),
      import: ({ directory, modelId, name }) => {
        if (directory === '/corda')
          throw new WorkbenchError('unsupported', '/corda/adapter_config.json: init_lora_weights is corda');
        const model = find(models, modelId, 'model');
        const settings = adapterSettingsSchema.parse({ method: 'pissa', rank: 8, alpha: 16 });
        const imported: Adapter = {
          id: `imported-${adapters.length + 1}`,
          runId: null,
          experimentId: null,
          experimentName: null,
          modelId,
          modelName: model.name,
          objective: model.objective,
          name: name ?? directory.split('/').at(-1)!,
          method: settings.method,
          settings,
          directory: `/home/ada/.local/share/nora-workbench/adapters/imported-${adapters.length + 1}`,
          source: directory,
          parts: null,
          trainedParameters: 108_544,
          createdAt: new Date().toISOString(),
        };
        adapters.unshift(imported);
        emit({ name: 'adapters.changed', payload: { changed: [imported], removed: [] } });
        return Promise.resolve(imported);
      },
      ...fakeCombining(
        (id) => find(adapters, id, 'adapter'),
        (adapter) => {
          adapters.unshift(adapter);
          emit({ name: 'adapters.changed', payload: { changed: [adapter], removed: [] } });
        },
      ),
      remove({ id }) {
        adapters.splice(adapters.indexOf(find(adapters, id, 'adapter')), 1);
        emit({ name: 'adapters.changed', payload: { changed: [], removed: [id] } });
        return {};
      },
    },
    diagnostics: {
      compute: () => {
        throw new WorkbenchError('unsupported', 'the made-up workbench looks into nothing');
      },
    },
    trackers: {
      mlflow: () => {
        throw new WorkbenchError('unsupported', 'the made-up workbench sends nothing');
      },
      tensorboard: () => {
        throw new WorkbenchError('unsupported', 'the made-up workbench writes nothing');
      },
    },
    exports: {
      list: ({ experimentId, imported, ...page }) =>
        pageOf(
          exports.filter(
            ({ runId }) =>
              (experimentId === undefined ||
                (runId !== null && runOf(runId).experimentId === experimentId)) &&
              (imported === undefined || (runId === null) === imported),
          ),
          page,
        ),
      show: ({ id }) => find(exports, id, 'export'),
      async create({ kind, destination, ...asked }) {
        const adapter = adapters.find((one) =>
          'runId' in asked ? one.runId === asked.runId : one.id === asked.adapterId,
        );
        if (!adapter) throw new WorkbenchError('not-found', 'there is no such adapter');
        if (destination === '/full') throw new WorkbenchError('no-space', '/full: no space left on the disk');
        const made: Export = {
          id: `export-${exports.length + 1}`,
          adapterId: adapter.id,
          runId: adapter.runId,
          kind,
          destination: destination ?? `/home/ada/.local/share/nora-workbench/exports/${adapter.id}`,
          status: 'running',
          progress: { phase: 'merging', done: 1, total: 4 },
          summary: null,
          error: null,
          createdAt: new Date().toISOString(),
        };
        exports.unshift(made);
        setTimeout(() => {
          const summary = {
            destination: made.destination,
            files: ['config.json', 'model.safetensors', 'tokenizer.json'],
            bytes: 5_312_048,
            largestLogitDifference: 3.8e-6,
            largestLogitDifferenceUnrounded: 3.8e-6,
            largestLogit: 18.24,
            promptTokens: 96,
            meanLogitDifference: 4.1e-7,
            certificate: certificateOf(adapter, kind),
          };
          Object.assign(made, { status: 'completed', progress: null, summary });
          emit({ name: 'export.changed', payload: structuredClone(made) });
        }, 200);
        return made;
      },
    },
  };
};
