import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { experimentDefinitionSchema } from '../../../main/services/shared/experiment-definition.ts';
import { createWorkbench, type Workbench } from '../../../main/services/workbench.ts';
import { spawnChildTrainer } from '../../../main/trainer/process/spawn-child.ts';
import { root } from '../../support/paths.ts';
import { writeTinyModel } from '../../support/tiny-model.ts';

/** A data directory with one run in it that has everything a death could spoil: frozen factors, evaluations, samples, a best that is kept. */
export interface SmallRun {
  readonly dataDirectory: string;
  readonly runId: string;
}

const rows = (from: number, count: number): string =>
  readFileSync(join(root, 'main/sample/data/moby-dick.train.jsonl'), 'utf8')
    .split('\n')
    .slice(from, from + count)
    .join('\n');

const definition = experimentDefinitionSchema.parse({
  version: 1,
  name: 'killed',
  model: 'tiny',
  dataset: 'sea',
  training: {
    ...{ steps: 18, batchSize: 1, sequenceLength: 24, learningRate: 5e-3, threads: 1 },
    ...{ evaluateEvery: 3, evaluationBatches: 4, checkpointEvery: 2, keepBest: true, memoryCheck: 'off' },
    samples: { prompts: ['Call me'], maximumTokens: 3 },
  },
  configurations: [
    {
      name: 'nora',
      adapter: { method: 'nora', outerRank: 8, innerRank: 2, alpha: 4, calibrationBatches: 2 },
    },
  ],
});

/** @param directory a folder of its own */
export const makeSmallRun = async (directory: string): Promise<SmallRun> => {
  const path = (name: string): string => join(directory, name);
  mkdirSync(directory, { recursive: true });
  writeTinyModel(path('tiny'));
  writeFileSync(path('sea.jsonl'), rows(0, 24));
  writeFileSync(path('held-out.jsonl'), rows(30, 4));
  const dataDirectory = path('data');
  return atWork(dataDirectory, async (workbench) => {
    await workbench.models.import({ directory: path('tiny') });
    await workbench.datasets.import({
      trainFile: path('sea.jsonl'),
      validationFile: path('held-out.jsonl'),
      name: 'sea',
    });
    const { runs } = await workbench.experiments.create({ definition });
    return { dataDirectory, runId: runs[0]!.id };
  });
};

/** The same run once more, under the same model's and data's paths. */
export const copySmallRun = ({ dataDirectory, runId }: SmallRun, name: string): SmallRun => {
  const copy = join(dataDirectory, '..', name);
  cpSync(dataDirectory, copy, { recursive: true });
  return { dataDirectory: copy, runId };
};

/** Opens a data directory for as long as the work takes. */
export const atWork = async <Result>(
  dataDirectory: string,
  work: (workbench: Workbench) => Result | Promise<Result>,
): Promise<Result> => {
  const workbench = createWorkbench({
    dataDirectory,
    sampleDirectory: null,
    version: '0.0.0',
    spawnTrainer: spawnChildTrainer(join(root, 'main/trainer/entry.ts')),
  });
  try {
    return await work(workbench);
  } finally {
    await workbench.close();
  }
};
