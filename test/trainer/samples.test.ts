import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { answerQuestions } from '../../main/trainer/generate/answer-questions.ts';
import { createQuestionQueue } from '../../main/trainer/process/question-queue.ts';
import type { RunEvent, RunSpecification } from '../../main/trainer/protocol/protocol.ts';
import { findCheckpoints } from '../../main/trainer/run/checkpoint-folders.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';
import { defaultGenerationSettings } from '../../main/engine/generation/generation-settings.ts';
import { classificationFixtures, writeClassifierFolder } from '../support/classifier-folder.ts';
import { root } from '../support/paths.ts';

const sample = join(root, 'main/sample');
const workspace = mkdtempSync(join(tmpdir(), 'nora-samples-'));
const model = join(workspace, 'model');
beforeAll(() => cpSync(join(sample, 'model'), model, { recursive: true }));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

const prompts = ['The whale', 'Call me'];
const samples = { prompts, maximumTokens: 6 };

const specification = (name: string, training: object, changes: object = {}): RunSpecification => ({
  runDirectory: join(workspace, name),
  modelDirectory: model,
  cacheDirectory: join(workspace, 'cache'),
  dataset: {
    trainFile: join(sample, 'data/moby-dick.train.jsonl'),
    validationFile: join(sample, 'data/moby-dick.validation.jsonl'),
    format: { kind: 'text', column: 'text' },
    validationFraction: 0.1,
  },
  adapter: adapterSettingsSchema.parse({ method: 'lora', rank: 4, dropout: 0.1 }),
  training: trainingSettingsSchema.parse({
    steps: 4,
    batchSize: 2,
    sequenceLength: 32,
    evaluateEvery: 2,
    evaluationBatches: 1,
    learningRate: 3e-2,
    ...training,
  }),
  seed: 3,
  date: '2026-11-28',
  resumeFrom: null,
  ...changes,
});

const run = async (job: RunSpecification, pauseAt?: number): Promise<RunEvent[]> => {
  const events: RunEvent[] = [];
  const steps = (): number =>
    events.filter(
      (event) => event.type === 'metrics' && event.metrics.some(({ name }) => name === 'train/loss'),
    ).length;
  await trainRun(job, {
    emit: (event) => void events.push(event),
    shouldStop: () => (pauseAt !== undefined && steps() >= pauseAt ? 'pause' : null),
  });
  return events;
};

const written = (events: readonly RunEvent[]) => events.filter((event) => event.type === 'samples');
const adapterBytes = (name: string): Buffer =>
  readFileSync(join(workspace, name, 'adapter/adapter.safetensors'));
const summaryOf = (events: readonly RunEvent[]) => {
  const end = events.at(-1);
  if (end?.type !== 'completed') throw new Error(`ended with ${end?.type}`);
  return end.summary;
};

/** What the saved adapter answers in a session of its own. */
const answersOf = async (adapter: string): Promise<string[]> => {
  const queue = createQuestionQueue();
  const texts: string[] = [];
  const settings = { ...defaultGenerationSettings, maximumTokens: 6 };
  const rows = prompts.map((text) => ({ arm: 0, prompt: { form: 'text' as const, text }, settings }));
  const question = { rows, date: '2026-11-28', alternatives: 0, stream: false };
  queue.take({ type: 'ask', id: 'q', question });
  await answerQuestions(
    { modelDirectory: model, arms: [adapter], baseFormat: 'fp32', cacheDirectory: null, threads: 1 },
    {
      emit: (event) => {
        if (event.type !== 'answered') return;
        texts.push(...event.rows.map(({ text }) => text));
        queue.end();
      },
      shouldStop: () => null,
      nextQuestion: queue.next,
    },
  );
  return texts;
};

describe('a run that writes samples', () => {
  it('trains to the same bytes as one that writes none, and writes what its adapter answers', async () => {
    const plain = await run(specification('plain', {}));
    const events = await run(specification('with', { samples }));
    expect(adapterBytes('with').equals(adapterBytes('plain'))).toBe(true);
    expect(written(plain)).toEqual([]);
    expect(written(events).map(({ step }) => step)).toEqual([0, 2, 4]);
    for (const event of written(events))
      expect(event.samples.map(({ position, prompt, expected }) => [position, prompt, expected])).toEqual(
        prompts.map((prompt, index) => [index, prompt, null]),
      );
    const texts = written(events).map((event) => event.samples.map(({ text }) => text));
    expect(texts[2]).toEqual(await answersOf(join(workspace, 'with/adapter')));
    expect(texts[2]).not.toEqual(texts[0]);
    const summary = summaryOf(events);
    expect(summary['run/sample_seconds']).toBeGreaterThan(0);
    expect(summaryOf(plain)['run/sample_seconds']).toBeUndefined();
  });

  it('goes on from a pause to the same texts and bytes', async () => {
    const job = specification('paused', { samples: { ...samples, temperature: 1, seed: 7 } });
    const whole = await run(specification('whole', { samples: { ...samples, temperature: 1, seed: 7 } }));
    const first = await run(job, 3);
    const [checkpoint] = findCheckpoints(job.runDirectory);
    const second = await run({ ...job, resumeFrom: checkpoint!.directory });
    expect([...written(first), ...written(second)]).toEqual(written(whole));
    expect(adapterBytes('paused').equals(adapterBytes('whole'))).toBe(true);
  });

  it('takes the prompts of held-out rows, with what the data has there', async () => {
    const rows = (name: string, count: number): string => {
      const file = join(workspace, name);
      const lines = Array.from({ length: count }, (_, row) => ({
        q: `question ${row}:`,
        a: ` answer ${row}`,
      }));
      writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      return file;
    };
    const dataset = {
      trainFile: rows('train.jsonl', 6),
      validationFile: rows('validation.jsonl', 3),
      format: { kind: 'prompt-completion', prompt: 'q', completion: 'a' },
      validationFraction: 0.1,
    };
    const training = { samples: { heldOut: 5, maximumTokens: 3 }, lossOn: 'all', steps: 1, evaluateEvery: 0 };
    const events = await run(specification('held-out', training, { dataset }));
    expect(written(events).map(({ step }) => step)).toEqual([0, 1]);
    expect(written(events)[0]!.samples).toMatchObject(
      [0, 1, 2].map((row) => ({ prompt: `question ${row}:`, expected: ` answer ${row}` })),
    );
    expect(events).toContainEqual({
      type: 'notice',
      message: 'samples: only 3 of the 5 held-out rows asked for have a prompt',
    });
  });

  it('is left at once when it is cancelled while it writes', async () => {
    const events: RunEvent[] = [];
    const job = specification('cancelled', { samples: { ...samples, maximumTokens: 1000 } });
    const isWriting = (): boolean =>
      events.some((event) => event.type === 'progress' && event.phase === 'sampling' && event.done > 2);
    await trainRun(job, {
      emit: (event) => void events.push(event),
      shouldStop: () => (isWriting() ? 'cancel' : null),
    });
    expect(events.at(-1)).toEqual({ type: 'cancelled', step: 0 });
    expect(written(events)).toEqual([]);
  });
});

describe('samples are refused', () => {
  it('by a classifier, which writes no texts', async () => {
    const classifier = writeClassifierFolder(join(workspace, 'classifier'), 'bert');
    const dataset = {
      trainFile: join(classificationFixtures, 'train.jsonl'),
      validationFile: null,
      format: { kind: 'classification', text: 'text', label: 'label' },
      validationFraction: 0.1,
    };
    await expect(
      run(specification('of a classifier', { samples }, { modelDirectory: classifier, dataset })),
    ).rejects.toThrow('training.samples: a classifier scores texts and writes none; leave samples out');
  });

  it('where plain texts have no prompts', async () => {
    await expect(run(specification('no prompts', { samples: { heldOut: 2 } }))).rejects.toThrow(
      'training.samples.heldOut: rows of plain texts have no prompt',
    );
  });

  it('where a prompt leaves no room for an answer', async () => {
    const long = { prompts: ['whale '.repeat(3000)] };
    await expect(run(specification('too long', { samples: long }))).rejects.toThrow(
      /training\.samples: prompt 1 has \d+ tokens, which leaves none of the model's \d+ positions/,
    );
  });

  it.each([
    [{}, 'give a prompt'],
    [{ prompts: Array<string>(9).fill('a') }, 'there are 9 prompts; a run writes 8 samples at most'],
    [
      { prompts: ['a'], heldOut: 8 },
      'with the prompts that are given it makes 9; a run writes 8 samples at most',
    ],
  ])('%j says %s', (given, message) => {
    expect(() => trainingSettingsSchema.parse({ samples: given })).toThrow(message);
  });
});
