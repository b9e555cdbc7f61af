import { createMlflowClient } from '../../../main/services/trackers/mlflow/mlflow-client.ts';
import { experimentNamed, sendRun, type SentRun } from '../../../main/services/trackers/mlflow/send-run.ts';
import type { TrackedRun } from '../../../main/services/trackers/tracked-run.ts';

const startedAt = Date.parse('2026-11-28T10:00:00.000Z');

/** A run as trackers are told of it, with all kinds of values that they may be told. */
export const aRun = (changes: Partial<TrackedRun> = {}, steps = 3, loss = 2): TrackedRun => ({
  id: 'run7',
  name: 'nora r2',
  experiment: 'first try',
  status: 'completed',
  startedAt,
  endedAt: startedAt + 9000,
  parameters: new Map<string, string | number | boolean | null>([
    ['adapter.method', 'nora'],
    ['adapter.innerRank', 2],
    ['training.learningRate', 0.001],
    ['training.keepBest', false],
    ['training.epochs', null],
    ['adapter.targetModules', '[]'],
  ]),
  metrics: Array.from({ length: steps }, (_, index) => [
    { name: 'train/loss', step: index + 1, value: loss / (index + 1), time: startedAt + 1000 * (index + 1) },
    { name: 'train/gradient_norm', step: index + 1, value: index === 1 ? NaN : 0.5, time: startedAt },
    { name: 'validation/loss/before', step: index + 1, value: index === 0 ? Infinity : 3, time: startedAt },
  ]).flat(),
  tags: new Map([
    ['nora.run_id', 'run7'],
    ['nora.model', 'sample'],
  ]),
  files: [
    { path: 'experiment.json', contents: '{"name":"first try"}\n' },
    { path: 'adapter/adapter.json', contents: '{}\n' },
  ],
  ...changes,
});

/** What a person may do with one run, one after the other. */
export const scenario = async (uri: string): Promise<SentRun[]> => {
  const client = createMlflowClient(uri, {});
  const experiment = await experimentNamed(client, 'first try');
  const again = await experimentNamed(client, 'first try');
  if (again !== experiment) throw new Error(`the experiment was ${experiment}, then ${again}`);
  return [
    await sendRun(client, experiment, aRun({ status: 'running', endedAt: null }, 2)),
    await sendRun(client, experiment, aRun()),
    await sendRun(client, experiment, aRun()),
    await sendRun(client, experiment, aRun({}, 3, 5)),
  ];
};

export const expectedOutcomes = [
  { outcome: 'created', metrics: 6, files: 2, notice: null },
  { outcome: 'updated', metrics: 3, files: 2, notice: null },
  { outcome: 'unchanged', metrics: 0, files: 2, notice: null },
  { outcome: 'replaced', metrics: 9, files: 2, notice: null },
];
