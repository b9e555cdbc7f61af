import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import type { ItemResult } from '../../main/engine/scoring/item-result.ts';
import { scoreItems } from '../../main/engine/scoring/score-items.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import type { RunEvent, RunSpecification } from '../../main/trainer/protocol/protocol.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';
import { classificationFixtures, encoderAlone, writeClassifierFolder } from '../support/classifier-folder.ts';
import { root } from '../support/paths.ts';
import { reseal } from '../support/reseal.ts';
import { sampleModel, scored } from './scored.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-score-'));
const choices = join(root, 'test/engine/scoring/fixtures/arc_easy.jsonl');

const write = (name: string, rows: readonly object[]): string => {
  const file = join(workspace, name);
  writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'));
  return file;
};
const questions = Array.from({ length: 20 }, (_, at) => ({
  instruction: `Please choose the correct answer to the question: Is ${at} even?\n\nAnswer1: yes Answer2: no\n\nAnswer format: answer1/answer2`,
  input: '',
  output: `the correct answer is answer${1 + (at % 2)}`,
  answer: `answer${1 + (at % 2)}`,
}));
const trainFile = write('questions.jsonl', questions);
const format = {
  kind: 'prompt-completion',
  prompt: '{instruction}\n{input}',
  completion: 'output',
} as const;
const dataset = { trainFile, validationFile: null, format, validationFraction: 0.3 };

/** Trains an adapter and gives what the run measured on its held-out rows, before the first step and after the last. */
const train = async (
  name: string,
  adapter: object,
  changes: Partial<RunSpecification> = {},
): Promise<{ directory: string; held: Record<string, number> }> => {
  const events: RunEvent[] = [];
  await trainRun(
    {
      runDirectory: join(workspace, name),
      modelDirectory: sampleModel,
      cacheDirectory: null,
      dataset,
      adapter: adapterSettingsSchema.parse(adapter),
      training: trainingSettingsSchema.parse({
        steps: 24,
        batchSize: 4,
        sequenceLength: 128,
        learningRate: 5e-3,
        threads: 1,
      }),
      seed: 1,
      date: '2026-11-28',
      resumeFrom: null,
      ...changes,
    },
    { emit: (event) => void events.push(event), shouldStop: () => null },
  );
  const end = events.at(-1);
  if (end?.type !== 'completed') throw new Error(`ended with ${JSON.stringify(end)}`);
  return { directory: end.adapterDirectory, held: end.summary as unknown as Record<string, number> };
};

const lora = await train('lora', { method: 'lora', rank: 4, alpha: 8 });
const nora = await train('nora', { method: 'nora', outerRank: 8, innerRank: 4, alpha: 8 });

const whole = await train('whole', { method: 'lora', rank: 2, alpha: 4, modulesToSave: ['embed_tokens'] });

const heldOut = { kind: 'held-out', name: 'held-out' };
const arc = { kind: 'choices', name: 'arc', file: choices };

describe('held-out rows of two adapters and the base', async () => {
  const subjects = [
    { id: 'base', adapterDirectory: null },
    { id: 'lora', adapterDirectory: lora.directory },
    { id: 'nora', adapterDirectory: nora.directory },
  ];
  const tasks = [
    heldOut,
    { kind: 'choices', name: 'trained', file: trainFile, prompt: 'as-trained', limit: 6 },
  ];
  const { items, facts, events } = await scored({ subjects, tasks, dataset });

  it('give the losses that the runs themselves measured', () => {
    const lossOf = (subject: string): number => scoreItems(items('held-out', subject)).loss!;
    expect(lossOf('base')).toBeCloseTo(lora.held['validation/loss/before']!, 5);
    expect(lossOf('lora')).toBeCloseTo(lora.held['validation/loss']!, 5);
    expect(lossOf('nora')).toBeCloseTo(nora.held['validation/loss']!, 5);
    expect(lora.held['validation/loss']).toBeLessThan(lora.held['validation/loss/before']! - 0.5);
  });
  it('are one part of the data for all, and each row is reported once', () => {
    const rows = (subject: string): number[] =>
      items('held-out', subject)
        .map(({ item }) => item)
        .toSorted((a, b) => a - b);
    expect(rows('base')).toHaveLength(6);
    expect(new Set(rows('base')).size).toBe(6);
    expect(rows('lora')).toEqual(rows('base'));
    expect(rows('nora')).toEqual(rows('base'));
  });
  it('can be read, as the model saw them', () => {
    for (const { item, prompt } of items('held-out', 'lora')) {
      const { instruction, output } = questions[item]!;
      expect(prompt).toContain(instruction);
      expect(prompt).toContain(output);
    }
  });
  it('names what a choice was put as, what guessing gets, and the end', () => {
    expect(items('trained', 'lora')[0]?.prompt).toMatch(/^Please choose the correct answer/);
    expect(items('trained', 'lora')[0]?.detail).toMatchObject({
      choices: ['the correct answer is answer1', 'the correct answer is answer2'],
    });
    expect(facts('trained')).toMatchObject({ items: 6, chance: 0.5, majority: 0.5 });
    expect(facts('trained').notices.join()).toMatch(/not comparable with those of lm-evaluation-harness/);
    expect(events.at(-1)).toMatchObject({ type: 'scored', items: 3 * 12 });
  });
});

test('a prompt as trained and its right choice have the loss that training has', async () => {
  const tasks = [
    { kind: 'text', name: 'rows', file: trainFile },
    { kind: 'choices', name: 'trained', file: trainFile, prompt: 'as-trained' },
  ];
  const { items } = await scored({ tasks, dataset });
  const byItem = (list: readonly ItemResult[]) => list.toSorted((a, b) => a.item - b.item);
  for (const [index, { weight, values }] of byItem(items('rows')).entries()) {
    const { detail, expected } = byItem(items('trained'))[index]!;
    const { logLikelihoods } = detail as { logLikelihoods: number[] };
    expect(-logLikelihoods[expected === 'answer1' ? 0 : 1]!).toBeCloseTo(weight * values.loss!, 3);
  }
});

test('answers are written by every subject, and a rule finds them', async () => {
  const subjects = [
    { id: 'base', adapterDirectory: null },
    { id: 'lora', adapterDirectory: lora.directory },
    { id: 'whole', adapterDirectory: whole.directory },
  ];
  const tasks = [
    {
      kind: 'answers',
      name: 'written',
      file: trainFile,
      rule: 'llm-adapters-answer',
      limit: 4,
      maximumTokens: 20,
    },
  ];
  const { items, facts } = await scored({ subjects, tasks, dataset });
  expect(facts('written')).toMatchObject({ items: 4, chance: 0.5 });
  expect(facts('written').notices.join()).toMatch(/greedily, where LLM-Adapters searches with 4 beams/);
  for (const subject of ['base', 'lora', 'whole']) {
    const found = items('written', subject);
    expect(found.map(({ item }) => item)).toEqual([0, 1, 2, 3]);
    for (const { answer, expected, values, detail } of found) {
      const { text } = detail as { text: string };
      expect(answer).toBe(/answer[1-5]/.exec(text)?.[0] ?? null);
      expect(values.accuracy).toBe(answer === expected ? 1 : 0);
    }
  }
  expect(JSON.stringify(items('written', 'whole'))).not.toBe(JSON.stringify(items('written', 'base')));
  // The base never saw the form of the answers, the adapter learnt it.
  expect(JSON.stringify(items('written', 'lora'))).toMatch(/"text":"the correct answer is/);
});

test('told to stop, it ends with what it has, and a later job does the rest', async () => {
  const request = { tasks: [heldOut, arc], dataset, batchSize: 2 };
  const whole = await scored(request);
  const stopped = await scored(request, (events) =>
    events.filter((event) => event.type === 'progress' && event.phase === 'scoring').length > 3
      ? 'pause'
      : null,
  );
  expect(stopped.events.at(-1)?.type).toBe('cancelled');
  const first = ['held-out', 'arc'].map((task) => stopped.items(task));
  expect(first.flat().length).toBeGreaterThan(0);
  expect(first.flat().length).toBeLessThan(10);
  const done = ['held-out', 'arc'].map((task, index) => ({
    subject: 'base',
    task,
    items: first[index]!.map(({ item }) => item),
  }));
  const rest = await scored({ ...request, done });
  for (const [index, task] of ['held-out', 'arc'].entries()) {
    const together = [...first[index]!, ...rest.items(task)].toSorted((a, b) => a.item - b.item);
    expect(together.map(({ item }) => item)).toEqual(
      whole
        .items(task)
        .map(({ item }) => item)
        .toSorted((a, b) => a - b),
    );
    expect(scoreItems(together).accuracy).toBe(scoreItems(whole.items(task)).accuracy);
  }
});

test('an adapter that gives no numbers is named, and the others are scored', async () => {
  const directory = join(workspace, 'diverged');
  cpSync(lora.directory, directory, { recursive: true });
  const file = join(directory, 'adapter.safetensors');
  const bytes = readFileSync(file);
  bytes.fill(0xff, bytes.length - 4096); // NaN
  writeFileSync(file, bytes);
  reseal(directory);
  const subjects = [
    { id: 'diverged', adapterDirectory: directory },
    { id: 'lora', adapterDirectory: lora.directory },
  ];
  const { events, items } = await scored({ subjects, tasks: [arc] });
  expect(events.filter((event) => event.type === 'unscored')).toEqual([
    {
      type: 'unscored',
      subject: 'diverged',
      task: 'arc',
      message: expect.stringMatching(/row \d+: the log-likelihood is not a number/),
    },
  ]);
  expect(items('arc', 'diverged')).toEqual([]);
  expect(items('arc', 'lora')).toHaveLength(4);
});

describe('a classifier', async () => {
  const rows = join(classificationFixtures, 'rows.jsonl');
  const data = {
    trainFile: rows,
    validationFile: rows,
    format: { kind: 'classification', text: 'text', label: 'label' } as const,
    validationFraction: 0.1,
  };
  const bare = writeClassifierFolder(join(workspace, 'bert'), 'bert', encoderAlone('bert'));
  const run = await train(
    'classes',
    { method: 'lora', rank: 4, alpha: 16, modulesToSave: ['classifier'] },
    {
      modelDirectory: bare,
      dataset: data,
      training: trainingSettingsSchema.parse({
        steps: 12,
        batchSize: 12,
        sequenceLength: 32,
        learningRate: 1e-2,
        threads: 1,
      }),
    },
  );
  const request = { modelDirectory: bare, dataset: data, sequenceLength: 32 };
  const tasks = [{ kind: 'classes', name: 'classes' }];

  it('has the loss and accuracy of its run, and F1; a base without a head says nothing', async () => {
    const subjects = [
      { id: 'base', adapterDirectory: null },
      { id: 'trained', adapterDirectory: run.directory },
    ];
    const { items, events, facts } = await scored({ ...request, subjects, tasks });
    const { loss, accuracy, f1 } = scoreItems(items('classes', 'trained'));
    expect(loss).toBeCloseTo(run.held['validation/loss']!, 5);
    expect(accuracy).toBeCloseTo(run.held['validation/accuracy']!, 10);
    expect(f1).toBeGreaterThan(0);
    expect(facts('classes').chance).toBeCloseTo(1 / 3);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'unscored',
        subject: 'base',
        message: expect.stringMatching(/brings no head for classes/),
      }),
    );
  });
  it('is not asked to write, and a language model not for classes', async () => {
    await expect(
      scored({ ...request, subjects: [{ id: 'a', adapterDirectory: run.directory }], tasks: [arc] }),
    ).rejects.toThrow(
      'task arc: the model is a classifier, which "multiple choice, by likelihood" can\'t be asked of',
    );
    await expect(scored({ tasks: [{ kind: 'classes', name: 'c', file: rows }] })).rejects.toThrow(
      'task c: the model predicts the next token, which "classes" can\'t be asked of',
    );
  });
});

const refused: readonly [string, object, RegExp][] = [
  ['a name twice', { tasks: [arc, arc] }, /"arc" is there twice/],
  ['held-out rows without data', { tasks: [heldOut] }, /task held-out: there is no data set/],
  [
    'an answer that the rule can not find',
    { tasks: [{ kind: 'answers', name: 'a', file: trainFile, rule: 'llm-adapters-option' }] },
    /line 1: the answer "answer1" is none that .*WinoGrande\) can find/,
  ],
  [
    'rows without an answer',
    {
      tasks: [
        {
          kind: 'answers',
          name: 'a',
          file: write('empty.jsonl', [{ prompt: 'Hm', output: ' ' }]),
          rule: 'exact-match',
        },
      ],
    },
    /empty\.jsonl, line 1: column "output" has no answer/,
  ],
  [
    'an answer longer than the model',
    { tasks: [{ kind: 'answers', name: 'a', file: trainFile, rule: 'exact-match', maximumTokens: 600 }] },
    /task a: 600 new tokens leave no room/,
  ],
  [
    'a choice as trained where the format does not hold it',
    {
      tasks: [
        {
          kind: 'choices',
          name: 'a',
          file: trainFile,
          prompt: 'as-trained',
          format: { ...format, completion: 'input' },
        },
      ],
    },
    /line 1: .*is empty, so nothing is scored/,
  ],
  [
    'a choice as trained that the model has no room for',
    {
      tasks: [
        {
          kind: 'choices',
          name: 'a',
          file: trainFile,
          prompt: 'as-trained',
          format: { ...format, completion: '{output} and so on'.repeat(200) },
        },
      ],
    },
    /line 1: choice answer1 can't be scored: as trained its completion has more than the model's \d+ positions/,
  ],
  [
    'rows that nobody says how to read',
    { tasks: [{ kind: 'text', name: 'a', file: write('odd.jsonl', [{ left: 'a', right: 'b' }]) }] },
    /task a: odd\.jsonl has the columns left, right/,
  ],
];
test.each(refused)('refuses %s', async (_, request, message) => {
  await expect(scored(request as { tasks: object[] })).rejects.toThrow(message);
});
