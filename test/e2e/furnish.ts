import { join } from 'node:path';
import { root } from '../support/paths.ts';
import type { RealWorkbench } from './real-workbench.ts';
import type { ShownThings } from './screen-list.ts';

export interface Furnished {
  readonly things: ShownThings;
  readonly queries: ShownThings;
}

/** Small pictures of noise. */
const drawn = (arm: string): string => join(root, 'test/trainer/fixtures/fidelity', arm);

const patience = 10 * 60_000;
const between = 500;

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  const end = performance.now() + patience;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error('the sample runs did not end');
    await new Promise((resolve) => setTimeout(resolve, between));
  }
};

/** Makes what there is to see on each screen: the sample model and data, trained for as short as shows something. */
export const furnish = async ({ call }: RealWorkbench): Promise<Furnished> => {
  const demo = await call('experiments.demo', {});
  const { evaluationBatches, ...length } = { evaluationBatches: 4, steps: 30, batchSize: 4, warmupSteps: 4 };
  const training = { ...demo.training, ...length, evaluationBatches, sequenceLength: 96, evaluateEvery: 5 };
  const { id } = await call('experiments.create', {
    definition: { ...demo, name: 'LoRA and NoRA on Moby Dick', training },
  });
  await call('experiments.start', { id });
  await until(async () =>
    (await call('experiments.show', { id })).runs.every(({ endedAt }) => endedAt !== null),
  );

  const arms = demo.configurations.filter(({ name }) => name !== 'LoRA r16');
  const { id: comparisonId, confounds } = await call('comparisons.create', {
    definition: {
      version: 1,
      name: 'NoRA against LoRA of its size',
      model: demo.model,
      dataset: demo.dataset,
      training: { ...training, steps: 10, warmupSteps: 1, batchSize: 2, sequenceLength: 64 },
      arms,
      seeds: [1, 2, 3],
      tasks: [{ kind: 'held-out', name: 'held-out', limit: 20 }],
      diagnostics: { seeds: 1 },
    },
  });
  await call('comparisons.start', { id: comparisonId, accept: confounds.map(({ name }) => name) });
  await until(async () => {
    const { status } = await call('comparisons.show', { id: comparisonId });
    return status === 'completed' || status === 'failed';
  });

  const { runs } = await call('experiments.show', { id });
  const [first, second, third] = runs;
  await call('runs.tag', { ids: [third!.id], add: ['best so far'] });
  await call('runs.note', { id: first!.id, note: 'Four times the parameters of the others.' });

  // Held by the paused queue, so that each screen can be looked at for as long as it takes.
  await call('queue.pause', {});
  const longer = await call('experiments.create', {
    definition: { ...demo, name: 'The same, ten times as long', training: { ...demo.training, steps: 1000 } },
  });
  await call('experiments.start', { id: longer.id });

  const blind = await call('blind.create', {
    arms: [
      { name: 'NoRA', folder: drawn('first') },
      { name: 'LoRA', folder: drawn('second') },
    ],
  });
  await call('blind.vote', { id: blind.id, pair: 0, choice: 'left' });

  const adapter = third!.adapterId!;
  const [models, datasets] = [await call('models.list', {}), await call('datasets.list', {})];
  return {
    things: {
      experiments: id,
      runs: third!.id,
      comparisons: comparisonId,
      models: models[0]!.id,
      data: datasets[0]!.id,
      adapters: adapter,
      blind: blind.id,
    },
    queries: {
      'runs/compare': `ids=${[first, second, third].map((run) => run!.id).join(',')}`,
      playground: `adapter=${adapter}`,
    },
  };
};
