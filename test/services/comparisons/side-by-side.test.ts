import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Comparison, ComparisonRun } from '../../../main/services/comparisons/comparison-schema.ts';
import {
  comparisonDefinitionSchema,
  type ComparisonDefinitionInput,
} from '../../../main/services/comparisons/definition.ts';
import type { Workbench, WorkbenchOptions } from '../../../main/services/workbench.ts';
import { checkpointDirectory } from '../../../main/trainer/run/checkpoint-folders.ts';
import type { RunEvent } from '../../../main/trainer/protocol/protocol.ts';
import { writeClassifierFolder } from '../../support/classifier-folder.ts';
import type { ScriptedTrainer } from '../scripted-trainer.ts';
import {
  createExperiment,
  createWorld,
  smallEstimate,
  summary,
  trainLoss,
  type World,
} from '../test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(() => {
  world = createWorld();
});
afterEach(async () => {
  await workbench.close({ graceMilliseconds: 0 });
  world.remove();
});

const lora = { name: 'lora', adapter: { method: 'lora', rank: 4, alpha: 8 } } as const;
/** Of the same delta rank. */
const nora = { name: 'nora', adapter: { method: 'nora', outerRank: 8, innerRank: 4, alpha: 8 } } as const;
const larger = { name: 'larger', adapter: { method: 'lora', rank: 8, alpha: 8 } } as const;

const begin = async (
  changes: Partial<ComparisonDefinitionInput> = {},
  options: Partial<WorkbenchOptions> = {},
): Promise<Comparison> => {
  workbench = world.open(options);
  await world.stock(workbench);
  const definition = comparisonDefinitionSchema.parse({
    version: 1,
    name: 'seeds',
    model: 'tiny',
    dataset: 'sea',
    training: { steps: 8, sequenceLength: 32 },
    arms: [lora, nora],
    seeds: [1, 2, 3, 4],
    ...changes,
  });
  const { id, confounds } = await workbench.comparisons.create({ definition });
  return workbench.comparisons.start({ id, accept: confounds.map(({ name }) => name) });
};

const runsOf = ({ id }: Comparison): readonly ComparisonRun[] => workbench.comparisons.show({ id }).runs;

/** "lora 2", as the trainer has them. */
const namesIn = (comparison: Comparison, trainer: ScriptedTrainer): string[] =>
  trainer.runs().map((run) => {
    const { arm, seed } = runsOf(comparison).find(({ runId }) => runId === run)!;
    return `${arm} ${seed}`;
  });
const statusesIn = (comparison: Comparison, trainer: ScriptedTrainer): string[] =>
  trainer.runs().map((run) => runsOf(comparison).find(({ runId }) => runId === run)!.status);

const completed = (trainer: ScriptedTrainer, run: number): RunEvent => ({
  type: 'completed',
  summary: summary(),
  adapterDirectory: `${trainer.specification(run).runDirectory}/adapter`,
});
const complete = (trainer: ScriptedTrainer): void => {
  for (const [index, run] of trainer.runs().entries()) trainer.emit(completed(trainer, index), run);
  trainer.end({ type: 'trained' });
};

/** Of a comparison whose first seeds are trained: the first process with several runs. */
const firstGroup = async (): Promise<{
  comparison: Comparison;
  trainer: ScriptedTrainer;
  runs: string[];
}> => {
  const comparison = await begin();
  complete(await world.trainers.nth(0));
  complete(await world.trainers.nth(1));
  const trainer = await world.trainers.nth(2);
  return { comparison, trainer, runs: trainer.runs() };
};

describe('what trains in one process', () => {
  const groups = async (comparison: Comparison, count: number): Promise<string[][]> => {
    const found: string[][] = [];
    for (let index = 0; index < count; index++) {
      const trainer = await world.trainers.nth(index);
      if (trainer.commands[0]?.type !== 'train') break;
      found.push(namesIn(comparison, trainer));
      complete(trainer);
    }
    return found;
  };

  test('are seeds after the first, of all arms that one base serves, four at most', async () => {
    expect(await groups(await begin(), 5)).toEqual([
      ['lora 1'],
      ['nora 1'],
      ['lora 2', 'nora 2', 'lora 3', 'nora 3'],
      ['lora 4', 'nora 4'],
    ]);
  });

  test('are no classifiers, which have a base each', async () => {
    workbench = world.open();
    const directory = writeClassifierFolder(world.path('moody'), 'roberta', {
      config: { id2label: { 0: 'calm', 1: 'wild', 2: 'grey' } },
    });
    await workbench.models.import({ directory });
    const trainFile = world.path('moods.jsonl');
    const rows = Array.from({ length: 20 }, (_, row) => ({
      text: `the sail ${row}`,
      label: ['calm', 'wild', 'grey'][row % 3],
    }));
    writeFileSync(trainFile, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    await workbench.datasets.import({ trainFile });
    const { id, confounds } = await workbench.comparisons.create({
      definition: comparisonDefinitionSchema.parse({
        ...{ version: 1, name: 'moods', model: 'moody', dataset: 'moods' },
        training: { steps: 8, sequenceLength: 16 },
        ...{ arms: [lora, nora], seeds: [1, 2] },
      }),
    });
    const accept = confounds.map(({ name }) => name);
    expect(await groups(workbench.comparisons.start({ id, accept }), 4)).toEqual([
      ['lora 1'],
      ['nora 1'],
      ['lora 2'],
      ['nora 2'],
    ]);
  });

  test('are seeds of one arm where the arms have other shapes', async () => {
    expect(await groups(await begin({ arms: [lora, larger], seeds: [1, 2, 3] }), 5)).toEqual([
      ['lora 1'],
      ['larger 1'],
      ['lora 2', 'lora 3'],
      ['larger 2', 'larger 3'],
    ]);
  });

  test('is one run where the definition says so, or memory is what arms are matched by', async () => {
    const single = await begin({ sideBySide: 1, seeds: [1, 2] });
    expect((await groups(single, 5)).map(({ length }) => length)).toEqual([1, 1, 1, 1]);
    await workbench.close({ graceMilliseconds: 0 });
    world.remove();
    world = createWorld();
    const byMemory = await begin({ matching: { by: 'peak-memory' }, seeds: [1, 2] });
    expect((await groups(byMemory, 5)).map(({ length }) => length)).toEqual([1, 1, 1, 1]);
  });

  test('are trials of tuning from the first on', async () => {
    const comparison = await begin({
      arms: [lora, larger],
      seeds: [1],
      tuning: { sweep: { settings: { learningRate: { values: [1e-3, 1e-2, 1e-1] } } } },
    });
    const trainer = await world.trainers.nth(0);
    expect(namesIn(comparison, trainer)).toEqual(['lora 0', 'lora 0', 'lora 0']);
    expect([0, 1, 2].map((run) => trainer.specification(run).training.learningRate)).toEqual([
      1e-3, 1e-2, 1e-1,
    ]);
  });

  test('are as many as memory has room for', async () => {
    const mebibyte = 2 ** 20;
    const room = (runs: number): number => smallEstimate.total + (runs - 1) * (32 * mebibyte + 30);
    const comparison = await begin({ arms: [lora, larger] }, { availableMemory: () => room(2) });
    expect((await groups(comparison, 6)).map(({ length }) => length)).toEqual([1, 1, 2, 2, 1, 1]);
  });

  test('is one run where memory is not looked at', async () => {
    const comparison = await begin({
      seeds: [1, 2],
      training: { steps: 8, sequenceLength: 32, memoryCheck: 'off' },
    });
    expect((await groups(comparison, 5)).map(({ length }) => length)).toEqual([1, 1, 1, 1]);
  });

  test('is one run of an experiment, of two comparisons none together', async () => {
    await begin({ seeds: [1, 2] });
    const arms = [
      { name: 'one', adapter: lora.adapter },
      { name: 'same', adapter: lora.adapter },
    ];
    const experiment = await createExperiment(workbench, { configurations: arms });
    workbench.experiments.start({ id: experiment.id });
    const other = comparisonDefinitionSchema.parse({
      ...{ version: 1, name: 'others', model: 'tiny', dataset: 'sea', arms: [lora, nora], seeds: [3, 4] },
      training: { steps: 8, sequenceLength: 32 },
    });
    const { id, confounds } = await workbench.comparisons.create({ definition: other });
    workbench.comparisons.start({ id, accept: confounds.map(({ name }) => name) });
    const sizes: number[] = [];
    // The experiment's, then those of the first comparison, its scoring, and those of the second.
    for (let index = 0; index < 9; index++) {
      const trainer = await world.trainers.nth(index);
      sizes.push(trainer.runs().length);
      complete(trainer);
    }
    expect(sizes.filter((size) => size > 0)).toEqual([1, 1, 1, 1, 2, 1, 1, 2]);
  });
});

describe('a run beside others', () => {
  test('has its own progress, metrics and end', async () => {
    const { comparison, trainer, runs } = await firstGroup();
    expect(statusesIn(comparison, trainer)).toEqual(['running', 'running', 'running', 'running']);
    trainer.emit(trainLoss(3, 2.5), runs[1]);
    trainer.emit(completed(trainer, 0), runs[0]);
    expect(statusesIn(comparison, trainer)).toEqual(['completed', 'running', 'running', 'running']);
    expect(trainer.killed).toBe(false);
    await vi.waitFor(() =>
      expect(workbench.runs.metrics({ id: runs[1]! })).toEqual([{ step: 3, name: 'train/loss', value: 2.5 }]),
    );
    expect(workbench.runs.metrics({ id: runs[2]! })).toEqual([]);
  });

  test('is paused and cancelled without the others, at the second time of asking at once', async () => {
    const { comparison, trainer, runs } = await firstGroup();
    workbench.runs.pause({ id: runs[1]! });
    expect(trainer.commands.at(-1)).toEqual({ type: 'pause', run: runs[1] });
    const directory = checkpointDirectory(trainer.specification(1).runDirectory, 2);
    trainer.emit({ type: 'paused', step: 2, checkpointDirectory: directory }, runs[1]);
    workbench.runs.cancel({ id: runs[2]! });
    expect(trainer.commands.at(-1)).toEqual({ type: 'cancel', run: runs[2] });
    workbench.runs.cancel({ id: runs[2]! });
    expect(statusesIn(comparison, trainer)).toEqual(['running', 'paused', 'cancelled', 'running']);
    expect(trainer.killed).toBe(false);
    trainer.emit({ type: 'cancelled', step: 4 }, runs[2]); // comes too late to be anything
    trainer.emit(completed(trainer, 0), runs[0]);

    workbench.runs.cancel({ id: runs[3]! });
    workbench.runs.cancel({ id: runs[3]! });
    expect(trainer.killed).toBe(true); // nobody else needs it
    await vi.waitFor(() =>
      expect(statusesIn(comparison, trainer)).toEqual(['completed', 'paused', 'cancelled', 'cancelled']),
    );
  });

  test('fails without the others, and the queue goes on when all are over', async () => {
    const { comparison, trainer, runs } = await firstGroup();
    trainer.emit({ type: 'failed', code: 'invalid-input', message: 'the loss is no number' }, runs[0]);
    expect(statusesIn(comparison, trainer)).toEqual(['failed', 'running', 'running', 'running']);
    expect(world.trainers.started).toHaveLength(3);
    for (const index of [1, 2, 3]) trainer.emit(completed(trainer, index), runs[index]);
    trainer.end({ type: 'trained' });
    expect(namesIn(comparison, await world.trainers.nth(3))).toEqual(['lora 4', 'nora 4']);
    expect(runsOf(comparison).find(({ runId }) => runId === runs[0])).toMatchObject({
      error: 'the loss is no number',
    });
  });

  test('is interrupted with all that are not over when the process dies', async () => {
    const { comparison, trainer, runs } = await firstGroup();
    trainer.emit(completed(trainer, 3), runs[3]);
    trainer.exit({ code: null, signal: 'SIGSEGV', stderrTail: 'fatal: bad address\n' });
    await vi.waitFor(() =>
      expect(statusesIn(comparison, trainer)).toEqual([
        'interrupted',
        'interrupted',
        'interrupted',
        'completed',
      ]),
    );
    expect(runsOf(comparison).find(({ runId }) => runId === runs[0])?.error).toBe(
      'the trainer process ended unexpectedly (signal SIGSEGV): fatal: bad address; it can be started again',
    );
  });

  test('is interrupted with the others when the workbench dies, and they go on together', async () => {
    const { comparison, trainer, runs } = await firstGroup();
    await workbench.close({ graceMilliseconds: 10 });
    workbench = world.open();
    expect(statusesIn(comparison, trainer)).toEqual(runs.map(() => 'interrupted'));
    const { id, confounds } = comparison;
    workbench.comparisons.start({ id, accept: confounds.map(({ name }) => name) });
    const again = await world.trainers.nth(3);
    expect(again.runs()).toHaveLength(4);
  });

  test('that says how all ended may take its time to exit, but not for ever', async () => {
    const { trainer, runs } = await firstGroup();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      for (const [index, run] of runs.entries()) trainer.emit(completed(trainer, index), run);
      vi.advanceTimersByTime(5000);
      expect(trainer.killed).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});
