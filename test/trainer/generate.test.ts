import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import type { Prompt } from '../../main/engine/data/chat/prompt.ts';
import { readModelFiles } from '../../main/engine/formats/model-identity.ts';
import { defaultGenerationSettings } from '../../main/engine/generation/generation-settings.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { answerQuestions } from '../../main/trainer/generate/answer-questions.ts';
import { createQuestionQueue } from '../../main/trainer/process/question-queue.ts';
import { spawnChildTrainer } from '../../main/trainer/process/spawn-child.ts';
import type { GenerateSpecification, Question, TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';
import { writeClassifierFolder } from '../support/classifier-folder.ts';
import { root } from '../support/paths.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

const sample = join(root, 'main/sample');
const workspace = mkdtempSync(join(tmpdir(), 'nora-generate-'));
const model = join(workspace, 'model');
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

/** A folder of an adapter that has learnt a little, fast. */
const train = async (name: string, adapter: object): Promise<string> => {
  await trainRun(
    {
      runDirectory: join(workspace, name),
      modelDirectory: model,
      cacheDirectory: null,
      dataset: {
        trainFile: join(sample, 'data/moby-dick.train.jsonl'),
        validationFile: join(sample, 'data/moby-dick.validation.jsonl'),
        format: { kind: 'text', column: 'text' },
        validationFraction: 0.1,
      },
      adapter: adapterSettingsSchema.parse(adapter),
      training: trainingSettingsSchema.parse({
        steps: 3,
        batchSize: 2,
        sequenceLength: 32,
        evaluationBatches: 1,
        learningRate: 3e-2,
      }),
      seed: 3,
      date: '2026-11-28',
      resumeFrom: null,
    },
    { emit: () => undefined, shouldStop: () => null },
  );
  return join(workspace, name, 'adapter');
};

let lora: string;
let full: string;
beforeAll(async () => {
  cpSync(join(sample, 'model'), model, { recursive: true });
  lora = await train('lora', { method: 'lora', rank: 4 });
  full = await train('full', { method: 'full' });
}, 60_000);

const specification = (changes: Partial<GenerateSpecification> = {}): GenerateSpecification => ({
  modelDirectory: model,
  arms: [null],
  baseFormat: 'fp32',
  cacheDirectory: null,
  threads: 1,
  ...changes,
});

const text = (words: string): Prompt => ({ form: 'text', text: words });
const settings = { ...defaultGenerationSettings, maximumTokens: 8 };
const question = (
  prompts: readonly { arm: number; prompt: Prompt }[],
  changes: Partial<Question> = {},
): Question => ({
  rows: prompts.map((row) => ({ ...row, settings })),
  date: '2026-11-28',
  alternatives: 0,
  stream: true,
  ...changes,
});

/** Asks a session in this process, and lets it end. */
const ask = async (
  job: GenerateSpecification,
  questions: readonly Question[],
  watch: (event: TrainerEvent, queue: ReturnType<typeof createQuestionQueue>) => void = () => undefined,
): Promise<TrainerEvent[]> => {
  const queue = createQuestionQueue();
  const events: TrainerEvent[] = [];
  let left = questions.length;
  questions.forEach((one, at) => queue.take({ type: 'ask', id: `question-${at}`, question: one }));
  await answerQuestions(job, {
    emit: (event) => {
      events.push(event);
      watch(event, queue);
      if ((event.type === 'answered' || event.type === 'refused') && --left === 0) queue.end();
    },
    shouldStop: () => null,
    nextQuestion: queue.next,
  });
  return events;
};

const answersOf = (events: readonly TrainerEvent[]) =>
  events.flatMap((event) => (event.type === 'answered' ? [event.rows] : []));
const refusalsOf = (events: readonly TrainerEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'refused' ? [event.message] : []));

describe('a session', () => {
  it('answers questions to the base and adapters on it, and tells prompts and tokens as they come', async () => {
    const rows = [0, 1].map((arm) => ({ arm, prompt: text('Call me') }));
    const events = await ask(specification({ arms: [null, lora] }), [
      question(rows, { alternatives: 3 }),
      question(rows, { stream: false }),
    ]);
    expect(events.map(({ type }) => type).filter((type) => type !== 'tokens')).toEqual([
      'progress',
      'ready',
      'answering',
      'answered',
      'answering',
      'answered',
      'closed',
    ]);
    const [told, again] = answersOf(events);
    expect(again).toEqual(told);
    expect(new Set(told!.map((row) => row.text)).size).toBe(2);
    expect(told![0]).toMatchObject({ finish: 'length', tokens: 8 });

    const tokens = events.flatMap((event) => (event.type === 'tokens' ? event.tokens : []));
    for (const row of [0, 1]) {
      const ofRow = tokens.filter((token) => token.row === row);
      expect(ofRow.map((token) => token.text).join('')).toBe(told![row]!.text);
      for (const { alternatives, id, probability } of ofRow) {
        expect(alternatives).toHaveLength(3);
        expect(alternatives[0]).toMatchObject({ id, probability });
      }
    }
    const prompts = events.flatMap((event) => (event.type === 'answering' ? [event.prompts] : []));
    expect(prompts[0]?.[0]?.tokens.map((token) => token.text).join('')).toContain('Call me');
    expect(prompts[0]?.[0]?.tokens).toHaveLength(told![0]!.promptTokens);
    expect(prompts[1]).toEqual([]);
  });

  it('writes a conversation through the template, with what opens the answer', async () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Who are you?' },
      { role: 'assistant', content: 'Ishmael.' },
      { role: 'user', content: 'And then?' },
    ];
    const events = await ask(specification(), [question([{ arm: 0, prompt: { form: 'chat', messages } }])]);
    const [prompt] = events.flatMap((event) => (event.type === 'answering' ? event.prompts : []));
    expect(prompt?.text).toBe(
      '<|system|>\nBe brief.\n<|user|>\nWho are you?\n<|assistant|>\nIshmael.<|endoftext|>\n<|user|>\nAnd then?\n<|assistant|>\n',
    );
  });

  it('refuses what can not be answered, and goes on', async () => {
    const chat = (role: string): Prompt => ({ form: 'chat', messages: [{ role, content: 'Hello' }] });
    const events = await ask(specification({ modelDirectory: writeTinyModel(join(workspace, 'tiny')) }), [
      question([{ arm: 0, prompt: chat('assistant') }]),
      question([{ arm: 0, prompt: text('a whale '.repeat(60)) }]),
      question([{ arm: 1, prompt: text('a whale') }]),
      question([
        { arm: 0, prompt: text('a whale') },
        { arm: 0, prompt: text('a whale '.repeat(60)) },
      ]),
      question([{ arm: 0, prompt: text('a whale') }]),
    ]);
    expect(refusalsOf(events)).toEqual([
      "the last turn is the assistant's: there is nothing to answer",
      expect.stringMatching(
        /^the prompt has \d+ tokens, and the model 64 positions: there is no room for an answer$/,
      ),
      'there is no arm 1',
      expect.stringMatching(/^row 2: the prompt has/),
    ]);
    expect(answersOf(events)).toHaveLength(1);
  });

  it('says where the positions end before the answer could', async () => {
    const asked = question([{ arm: 0, prompt: text('a whale') }]);
    const long = { ...asked, rows: [{ ...asked.rows[0]!, settings: { ...settings, maximumTokens: 500 } }] };
    const events = await ask(specification({ modelDirectory: writeTinyModel(join(workspace, 'tiny')) }), [
      long,
    ]);
    const notices = events.flatMap((event) => (event.type === 'answering' ? event.notices : []));
    const row = answersOf(events)[0]![0]!;
    expect(notices).toEqual([
      `the model has 64 positions: behind the longest prompt there is room for ${64 - row.promptTokens} tokens, not 500`,
    ]);
    expect(row.tokens).toBeLessThanOrEqual(64 - row.promptTokens);
  });

  it('stops an answer, and one that waits, each with what it has', async () => {
    const long = { ...settings, maximumTokens: 400 };
    const asked = question([{ arm: 0, prompt: text('Call me') }]);
    const slow = { ...asked, rows: [{ ...asked.rows[0]!, settings: long }] };
    const events = await ask(specification(), [slow, slow, asked], (event, queue) => {
      if (event.type === 'tokens') queue.take({ type: 'drop', id: 'question-0' });
      if (event.type === 'tokens') queue.take({ type: 'drop', id: 'question-1' });
    });
    const [first, second, third] = answersOf(events);
    expect(first?.[0]?.finish).toBe('cancelled');
    expect(first?.[0]?.tokens).toBeGreaterThan(0);
    expect(second?.[0]).toMatchObject({ finish: 'cancelled', tokens: 0 });
    expect(third?.[0]?.finish).toBe('length');
  });

  it('fails where the model changes under it', async () => {
    const changing = join(workspace, 'changing');
    cpSync(join(sample, 'model'), changing, { recursive: true });
    const modelFiles = [...(await readModelFiles(changing))];
    const job = specification({ modelDirectory: changing, modelFiles });
    const asked = question([{ arm: 0, prompt: text('Call me') }]);
    await expect(
      ask(job, [asked, asked], (event) => {
        if (event.type === 'answering') appendFileSync(join(changing, 'config.json'), ' \n');
      }),
    ).rejects.toThrow('the model has changed while it was in use');
  });

  it('answers with weights that were trained whole, beside the base and other adapters', async () => {
    const prompt = text('Call me');
    const beside = question([0, 1, 2].map((arm) => ({ arm, prompt })));
    const [[base, , whole] = []] = answersOf(
      await ask(specification({ arms: [null, lora, full] }), [beside]),
    );
    const alone = answersOf(await ask(specification({ arms: [full] }), [question([{ arm: 0, prompt }])]));
    expect(whole?.text).toBe(alone[0]?.[0]?.text);
    expect(whole?.text).not.toBe(base?.text);
  });

  it('does not open a classifier or an adapter of another model', async () => {
    const classifier = writeClassifierFolder(join(workspace, 'classifier'), 'bert');
    await expect(ask(specification({ modelDirectory: classifier }), [])).rejects.toThrow(
      'this model is made for classification: it writes no text',
    );
    const tiny = writeTinyModel(join(workspace, 'tiny'));
    await expect(ask(specification({ modelDirectory: tiny, arms: [lora] }), [])).rejects.toThrow(
      `${lora}: the adapter sits on`,
    );
  });
});

it('lives in a process that ends when it is told to', async () => {
  const trainer = spawnChildTrainer(join(root, 'main/trainer/entry.ts'))();
  const events: TrainerEvent[] = [];
  const exit = new Promise<{ code: number | null }>((resolve) => trainer.onExit(resolve));
  const answered = new Promise<void>((resolve) =>
    trainer.onEvent((event) => {
      events.push(event);
      if (event.type === 'answered') resolve();
    }),
  );
  trainer.send({ type: 'generate', specification: specification() });
  trainer.send({
    type: 'ask',
    id: 'question-1',
    question: question([{ arm: 0, prompt: text('Call me') }]),
  });
  await answered;
  trainer.send({ type: 'end' });
  expect((await exit).code).toBe(0);
  expect(events.at(-1)?.type).toBe('closed');
}, 60_000);
