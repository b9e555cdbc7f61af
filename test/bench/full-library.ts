/** A data directory as it is after months of work, written through the real store: for benchmarks of the window and its lists. */
import { openWorkbench } from '../../main/api/open-workbench.ts';
import { experimentDefinitionSchema } from '../../main/services/shared/experiment-definition.ts';
import type { ExperimentDefinition } from '../../main/services/shared/experiment-definition.ts';
import { openStore } from '../../main/store/store.ts';
import type { Store } from '../../main/store/store.ts';
import { sampleDirectory, spawnTrainer } from '../../main/cli/session.ts';

export interface LibrarySize {
  readonly experiments: number;
  /** Of each experiment. */
  readonly runs: number;
  /** Steps whose metrics each run has stored. */
  readonly recordedSteps: number;
}

const startedAt = Date.UTC(2026, 0, 1);
const minute = 60_000;
const at = (count: number): string => new Date(startedAt + count * minute).toISOString();

/** Numbers in [0, 1) that look random and are the same each time (mulberry32). */
const createDraw = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const definitionOf = (experiment: number, runs: number): ExperimentDefinition =>
  experimentDefinitionSchema.parse({
    version: 1,
    name: `ranks and rates ${experiment + 1}`,
    model: 'sample',
    dataset: 'sample',
    seed: experiment,
    training: { steps: 2000, sequenceLength: 128 },
    configurations: Array.from({ length: runs }, (_, run) => ({
      name: `${run % 2 === 0 ? 'LoRA' : 'NoRA'} ${run + 1}`,
      adapter:
        run % 2 === 0
          ? { method: 'lora', rank: 2 + (run % 7) }
          : { method: 'nora', outerRank: 16, innerRank: 2 + (run % 7) },
      training: { learningRate: 1e-4 * (1 + (run % 5)) },
    })),
  });

/** The sample model and data, and experiments whose runs are completed, with their summaries, metrics and adapters. */
export const writeFullLibrary = async (dataDirectory: string, size: LibrarySize): Promise<void> => {
  const { workbench } = openWorkbench({ dataDirectory, spawnTrainer, sampleDirectory, version: 'bench' });
  await workbench.close();
  const store = openStore(dataDirectory);
  const [model] = store.models.list();
  const [dataset] = store.datasets.list();
  for (let number = 0; number < size.experiments; number++)
    store.transaction(() => writeExperiment(store, model!.id, dataset!.id, number, size));
  store.close();
};

const writeExperiment = (
  store: Store,
  modelId: string,
  datasetId: string,
  number: number,
  { runs, recordedSteps }: LibrarySize,
): void => {
  const id = `experiment-${String(number).padStart(5, '0')}`;
  const definition = definitionOf(number, runs);
  const createdAt = at(number * runs);
  store.experiments.insert({ id, name: definition.name, definition, modelId, datasetId, createdAt });
  definition.configurations.forEach((settings, position) => {
    const draw = createDraw(number * runs + position);
    const configurationId = `${id}-configuration-${position}`;
    const runId = `${id}-run-${position}`;
    store.experiments.insertConfiguration({ id: configurationId, experimentId: id, position, settings });
    store.runs.insert({
      id: runId,
      configurationId,
      status: 'completed',
      step: 2000,
      steps: 2000,
      error: null,
      notices: [],
      modelIdentity: null,
      origin: null,
      device: null,
      createdAt,
      startedAt: at(number * runs + position),
      endedAt: at(number * runs + position + 1),
    });
    const loss = 2 + draw();
    const accuracy = 0.3 + 0.1 * draw();
    store.runs.update(runId, {
      summary: {
        'run/trained_parameters': 20_000 + 100 * position,
        'run/total_parameters': 1_327_104,
        'run/steps': 2000,
        'train/step_seconds': 0.02 + 0.01 * draw(),
        'train/tokens_per_second': 40_000 + 1000 * draw(),
        'run/initialisation_seconds': draw(),
        'run/total_seconds': 50 + draw(),
        'run/peak_memory_bytes': 4e8,
        'validation/loss/before': 4 + draw(),
        'validation/loss': loss,
        'validation/accuracy/before': 0.1,
        'validation/accuracy': accuracy,
      },
    });
    store.metrics.insert(runId, recordedMetrics(draw, loss, recordedSteps));
    store.adapters.insert({
      id: `${runId}-adapter`,
      runId,
      name: settings.name,
      method: settings.adapter.method,
      directory: `${dataDirectoryOf(runId)}/adapter`,
      trainedParameters: 20_000 + 100 * position,
      createdAt: at(number * runs + position + 1),
    });
  });
};

const dataDirectoryOf = (runId: string): string => `/data/runs/${runId}`;

const recordedMetrics = (draw: () => number, loss: number, steps: number) =>
  Array.from({ length: steps }, (_, index) => {
    const step = index + 1;
    const part = (2 * Math.exp((-4 * step) / steps) + loss) * (1 + 0.05 * (draw() - 0.5));
    return [
      { step, name: 'train/loss', value: part },
      { step, name: 'train/learning_rate', value: 1e-4 },
      ...(step % Math.max(1, Math.floor(steps / 10)) === 0
        ? [{ step, name: 'validation/loss', value: part }]
        : []),
    ];
  }).flat();
