import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { experimentDefinitionSchema } from '../../main/services/shared/experiment-definition.ts';
import type { ExperimentDefinitionInput } from '../../main/services/shared/experiment-definition.ts';
import type { Experiment, Run } from '../../main/services/shared/entities.ts';
import type { WorkbenchEvent } from '../../main/services/shared/workbench-events.ts';
import type { MatchArms } from '../../main/services/comparisons/design/match-arms.ts';
import type { Workbench, WorkbenchOptions } from '../../main/services/workbench.ts';
import { createWorkbench } from '../../main/services/workbench.ts';
import { writeCheckpoint as writeSealedCheckpoint } from '../../main/engine/train/checkpoint.ts';
import { checkpointDirectory } from '../../main/trainer/run/checkpoint-folders.ts';
import type { RunSummary } from '../../main/engine/metrics/summary.ts';
import type { RunEvent } from '../../main/trainer/protocol/protocol.ts';
import { checkpointOf } from '../support/checkpoint.ts';
import { writeTinyModel } from '../support/tiny-model.ts';
import { readHere } from './read-here.ts';
import { scriptedTrainers } from './scripted-trainer.ts';
import type { ScriptedTrainer, ScriptedTrainers } from './scripted-trainer.ts';

/** A workbench on a real store in a folder of its own, with trainers that do what the test says. */
export interface World {
  readonly directory: string;
  readonly trainers: ScriptedTrainers;
  readonly events: WorkbenchEvent[];
  path(...names: string[]): string;
  /** One more workbench on the same data directory, as another process would open. */
  open(options?: Partial<WorkbenchOptions>): Workbench;
  /** Puts a tiny model "tiny" and a dataset "sea" of four rows into the library. */
  stock(workbench: Workbench): Promise<void>;
  remove(): void;
}

/** Bytes of a run that fits anywhere. */
export const smallEstimate = {
  weights: 10,
  activations: 20,
  state: 30,
  process: 40,
  total: 100,
  resident: 110,
};

/** Arms as they are, whose costs nobody has counted. */
const unmatched: MatchArms = ({ arms, matching }) =>
  Promise.resolve({
    matching,
    target: null,
    arms: arms.map(({ name, adapter }) => ({
      name,
      adapter,
      changed: false,
      value: null,
      deviation: null,
      isMatched: true,
      explanation: '',
      candidates: [],
    })),
    table: [],
  });

export const createWorld = (): World => {
  const directory = mkdtempSync(join(tmpdir(), 'nora-services-'));
  const trainers = scriptedTrainers();
  const events: WorkbenchEvent[] = [];
  const path = (...names: string[]): string => join(directory, ...names);
  return {
    directory,
    trainers,
    events,
    path,
    open: (options = {}) => {
      const workbench = createWorkbench({
        dataDirectory: path('data'),
        spawnTrainer: trainers.spawn,
        sampleDirectory: null,
        version: '0.0.0',
        estimateMemory: ({ adapters }) =>
          Promise.resolve({ estimates: adapters.map(() => smallEstimate), suggestion: null }),
        matchArms: unmatched,
        readFiles: readHere,
        findOverlap: () => Promise.resolve({ trainRows: 3, heldOutRows: 1, training: [], calibrations: [] }),
        ...options,
      });
      workbench.subscribe((event) => void events.push(event));
      return workbench;
    },
    stock: async (workbench) => {
      writeTinyModel(path('tiny'));
      writeFileSync(
        path('sea.jsonl'),
        ['the sea', 'a whale', 'the ship', 'an oar'].map((text) => `${JSON.stringify({ text })}\n`).join(''),
      );
      await workbench.models.import({ directory: path('tiny') });
      await workbench.datasets.import({ trainFile: path('sea.jsonl') });
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
};

export const definition = (changes: Partial<ExperimentDefinitionInput> = {}) =>
  experimentDefinitionSchema.parse({
    version: 1,
    name: 'first try',
    model: 'tiny',
    dataset: 'sea',
    training: { steps: 10, sequenceLength: 32 },
    configurations: [
      { name: 'lora r4', adapter: { method: 'lora', rank: 4 } },
      { name: 'nora r2', adapter: { method: 'nora', outerRank: 4, innerRank: 2 }, learningRate: 0.01 },
    ],
    ...changes,
  });

export const createExperiment = (
  workbench: Workbench,
  changes: Partial<ExperimentDefinitionInput> = {},
): Promise<Experiment> => workbench.experiments.create({ definition: definition(changes) });

export const summary = (changes: Partial<RunSummary> = {}): RunSummary => ({
  'run/trained_parameters': 1000,
  'run/total_parameters': 40_000,
  'validation/loss/before': 3,
  'validation/loss': 2,
  'run/steps': 10,
  'train/step_seconds': 0.1,
  'train/tokens_per_second': 100,
  'run/initialisation_seconds': 0.5,
  'run/total_seconds': 3,
  'run/peak_memory_bytes': 1e8,
  ...changes,
});

export const trainLoss = (step: number, value: number): RunEvent => ({
  type: 'metrics',
  metrics: [{ step, name: 'train/loss', value }],
});

/** A checkpoint that is whole, of a run of no particular kind. */
const wholeCheckpoint = await (async (): Promise<string> => {
  const directory = join(mkdtempSync(join(tmpdir(), 'nora-checkpoint-')), 'step');
  await writeSealedCheckpoint(directory, checkpointOf(0));
  return directory;
})();

/** What a trainer does for a checkpoint: the folder on the disk, then the word. */
export const writeCheckpoint = (trainer: ScriptedTrainer, step: number): string => {
  const directory = checkpointDirectory(trainer.specification().runDirectory, step);
  cpSync(wholeCheckpoint, directory, { recursive: true });
  trainer.emit({ type: 'checkpoint', step, directory, logged: 0 });
  return directory;
};

export const endPaused = (trainer: ScriptedTrainer, step: number): void =>
  trainer.end({ type: 'paused', step, checkpointDirectory: writeCheckpoint(trainer, step) });

export const endCompleted = (trainer: ScriptedTrainer, changes: Partial<RunSummary> = {}): void => {
  const adapterDirectory = join(trainer.specification().runDirectory, 'adapter');
  trainer.end({ type: 'completed', summary: summary(changes), adapterDirectory });
};

/** The experiment's runs as they now stand. */
export const runsOf = (workbench: Workbench, { id }: Experiment): [Run, Run] =>
  workbench.experiments.show({ id }).runs as [Run, Run];
