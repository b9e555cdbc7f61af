import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultGenerationSettings } from '../../main/engine/generation/generation-settings.ts';
import type {
  GenerationEnd,
  GenerationRequestInput,
} from '../../main/services/shared/generation-entities.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import type { ScriptedTrainer } from './scripted-trainer.ts';
import { createExperiment, createWorld, endCompleted, runsOf, type World } from './test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
});
afterEach(async () => {
  vi.useRealTimers();
  for (const trainer of world.trainers.started) trainer.exit();
  await workbench.close();
  world.remove();
});

const request = (changes: Partial<GenerationRequestInput> = {}) => ({
  modelId: 'tiny',
  arms: [null],
  rows: [{ arm: 0, prompt: { form: 'text' as const, text: 'the sea' }, settings: defaultGenerationSettings }],
  date: '2026-11-28',
  alternatives: 0,
  stream: true,
  baseFormat: 'fp32' as const,
  ...changes,
});
const start = (id: string, changes: Partial<GenerationRequestInput> = {}) =>
  workbench.generation.start({ ...request(), ...changes, id } as Parameters<
    typeof workbench.generation.start
  >[0]);

const row = { text: ' is wide', finish: 'end' as const, promptTokens: 3, tokens: 2 };
const answer = (trainer: ScriptedTrainer, id: string): void =>
  trainer.emit({ type: 'answered', id, rows: [row], seconds: 0.1 });
const ready = (trainer: ScriptedTrainer): void => trainer.emit({ type: 'ready', notices: [] });
const ends = (): GenerationEnd[] =>
  world.events.flatMap((event) => (event.name === 'generation.ended' ? [event.payload] : []));
const ended = (id: string): Promise<GenerationEnd> =>
  vi.waitFor(() => {
    const end = ends().find((one) => one.id === id);
    if (end === undefined) throw new Error(`${id} has not ended`);
    return end;
  });
const asks = (trainer: ScriptedTrainer): string[] =>
  trainer.commands.flatMap((command) => (command.type === 'ask' ? [command.id] : []));
const asked = (trainer: ScriptedTrainer, id: string): Promise<void> =>
  vi.waitFor(() => expect(asks(trainer)).toContain(id));
/** A trainer that ends when it is told to. */
const obeyEnd = (trainer: ScriptedTrainer): Promise<void> =>
  vi.waitFor(() => {
    expect(trainer.commands.some(({ type }) => type === 'end')).toBe(true);
    trainer.end({ type: 'closed' });
  });

/** A session that has answered once, and waits. */
const warm = async (): Promise<ScriptedTrainer> => {
  start('question-0');
  const trainer = await world.trainers.nth(0);
  ready(trainer);
  await asked(trainer, 'question-0');
  answer(trainer, 'question-0');
  await ended('question-0');
  return trainer;
};

describe('asking a model', () => {
  it('loads it once, answers one question after the other, and tells what is written', async () => {
    start('question-1');
    start('question-2');
    expect(workbench.generation.show().waiting).toBe(1);
    const trainer = await world.trainers.nth(0);
    expect(trainer.commands[0]).toMatchObject({
      type: 'generate',
      specification: { modelDirectory: world.path('tiny'), arms: [null], baseFormat: 'fp32' },
    });
    expect(workbench.generation.show().session?.state).toBe('loading');
    expect(asks(trainer)).toEqual([]);
    ready(trainer);
    await asked(trainer, 'question-1');
    expect(asks(trainer)).toEqual(['question-1']);
    trainer.emit({
      type: 'answering',
      id: 'question-1',
      prompts: [{ text: 'the sea', tokens: [] }],
      notices: [],
    });
    const token = { row: 0, id: 7, text: ' is', probability: 0.5, alternatives: [] };
    trainer.emit({ type: 'tokens', id: 'question-1', tokens: [token] });
    answer(trainer, 'question-1');
    await asked(trainer, 'question-2');
    answer(trainer, 'question-2');
    expect(await ended('question-2')).toEqual({ id: 'question-2', rows: [row], seconds: 0.1, error: null });
    expect(world.events).toContainEqual({
      name: 'generation.tokens',
      payload: { id: 'question-1', tokens: [token] },
    });
    expect(world.trainers.started).toHaveLength(1);
    await vi.waitFor(() => expect(workbench.generation.show().session?.state).toBe('idle'));
  });

  it('refuses a question without ending the session', async () => {
    const trainer = await warm();
    start('question-1');
    await asked(trainer, 'question-1');
    trainer.emit({
      type: 'refused',
      id: 'question-1',
      code: 'invalid-input',
      message: 'the prompt is empty',
    });
    expect(await ended('question-1')).toMatchObject({
      rows: null,
      error: { message: 'the prompt is empty' },
    });
    start('question-2');
    await asked(trainer, 'question-2');
  });

  it('stops what is written, and what has not begun', async () => {
    const trainer = await warm();
    start('question-1');
    start('question-2');
    await asked(trainer, 'question-1');
    workbench.generation.cancel({ id: 'question-2' });
    expect(await ended('question-2')).toMatchObject({ rows: null, error: null });
    workbench.generation.cancel({ id: 'question-1' });
    expect(trainer.commands.at(-1)).toEqual({ type: 'drop', id: 'question-1' });
    trainer.emit({ type: 'answered', id: 'question-1', rows: [{ ...row, finish: 'cancelled' }], seconds: 1 });
    expect((await ended('question-1')).rows?.[0]?.finish).toBe('cancelled');
    expect(asks(trainer)).toEqual(['question-0', 'question-1']);
  });

  it('stops while the model is loaded', async () => {
    start('question-1');
    const trainer = await world.trainers.nth(0);
    workbench.generation.cancel({ id: 'question-1' });
    expect(await ended('question-1')).toMatchObject({ rows: null, error: null });
    ready(trainer);
    await vi.waitFor(() => expect(workbench.generation.show().session?.state).toBe('idle'));
    expect(asks(trainer)).toEqual([]);
  });

  it('says that the process died, and starts another for the next question', async () => {
    const trainer = await warm();
    start('question-1');
    start('question-2');
    await asked(trainer, 'question-1');
    trainer.exit({ code: null, signal: 'SIGKILL' });
    expect((await ended('question-1')).error?.message).toMatch(
      /ended unexpectedly \(killed, as the system does when memory runs out\); ask again/,
    );
    const next = await world.trainers.nth(1);
    ready(next);
    await asked(next, 'question-2');
    answer(next, 'question-2');
    expect((await ended('question-2')).rows).toEqual([row]);
  });

  it('says why a model can not be opened', async () => {
    start('question-1');
    const trainer = await world.trainers.nth(0);
    trainer.end({ type: 'failed', code: 'unsupported', message: 'model.safetensors: F8 weights' });
    expect((await ended('question-1')).error).toEqual({
      code: 'unsupported',
      message: 'model.safetensors: F8 weights',
    });
    expect(workbench.generation.show().session).toBeNull();
  });

  it('refuses what does not belong together', () => {
    expect(() => start('question-1', { modelId: 'huge' })).toThrow('there is no model "huge"');
    expect(() => start('question-1', { arms: ['whales'] })).toThrow('there is no adapter "whales"');
    expect(() => start('question-1', { rows: [{ ...request().rows[0]!, arm: 1 }] })).toThrow(
      'there is no arm 1',
    );
    start('question-1');
    expect(() => start('question-1')).toThrow('being answered already');
  });

  it('takes the defaults of generation_config.json and says so', () => {
    expect(workbench.generation.defaults({ modelId: 'tiny' })).toEqual({
      settings: defaultGenerationSettings,
      fromModel: [],
      keys: [],
      hasChatTemplate: true,
    });
  });
});

describe('a session', () => {
  /** An adapter of a completed run. */
  const trained = async (): Promise<string> => {
    const experiment = await createExperiment(workbench);
    const [run] = runsOf(workbench, experiment);
    const before = world.trainers.started.length;
    workbench.runs.start({ id: run.id });
    endCompleted(await world.trainers.nth(before));
    await workbench.waitForRun(run.id);
    return workbench.adapters.list().items[0]!.id;
  };

  it('is used again for fewer arms, and gives way to other weights', async () => {
    const adapter = await trained();
    start('question-1', { arms: [null, adapter] });
    const first = await world.trainers.nth(1);
    ready(first);
    await asked(first, 'question-1');
    answer(first, 'question-1');
    await ended('question-1');

    start('question-2', { arms: [adapter] });
    await asked(first, 'question-2');
    expect(first.commands.at(-1)).toMatchObject({ question: { rows: [{ arm: 1 }] } });
    answer(first, 'question-2');
    await ended('question-2');

    start('question-3', { baseFormat: 'int8' });
    await obeyEnd(first);
    const second = await world.trainers.nth(2);
    expect(second.commands[0]).toMatchObject({ specification: { baseFormat: 'int8', arms: [null] } });
  });

  it('ends when its adapter is removed', async () => {
    const adapter = await trained();
    start('question-1', { arms: [adapter] });
    const trainer = await world.trainers.nth(1);
    ready(trainer);
    await asked(trainer, 'question-1');
    answer(trainer, 'question-1');
    await ended('question-1');
    workbench.experiments.remove({ id: workbench.experiments.list().items[0]!.id });
    await obeyEnd(trainer);
    await vi.waitFor(() => expect(workbench.generation.show().session).toBeNull());
  });

  it('ends when nobody has asked for a while', async () => {
    await workbench.close();
    workbench = world.open({ generationIdleMilliseconds: 30 });
    const trainer = await warm();
    await obeyEnd(trainer);
    await vi.waitFor(() => expect(workbench.generation.show().session).toBeNull());
    start('question-1');
    await world.trainers.nth(1);
  });

  it('is taken out of memory on request, but not while it answers', async () => {
    const trainer = await warm();
    start('question-1');
    await asked(trainer, 'question-1');
    await expect(workbench.generation.release()).rejects.toThrow('the model is answering; stop that first');
    answer(trainer, 'question-1');
    await ended('question-1');
    const released = workbench.generation.release();
    await obeyEnd(trainer);
    await released;
    expect(workbench.generation.show().session).toBeNull();
  });

  it('ends with the workbench, and cuts an answer off', async () => {
    const trainer = await warm();
    start('question-1');
    start('question-2');
    await asked(trainer, 'question-1');
    const closed = workbench.close();
    await obeyEnd(trainer);
    await closed;
    expect(ends().map(({ id, error }) => [id, error?.message ?? null])).toEqual([
      ['question-0', null],
      ['question-2', null],
      ['question-1', 'the model was taken out of memory before it had answered'],
    ]);
    expect(() => start('question-3')).toThrow('the workbench is closing');
  });

  it('is killed where it does not end in time', async () => {
    const trainer = await warm();
    await workbench.close({ graceMilliseconds: 20 });
    expect(trainer.killed).toBe(true);
  });

  it('gives its memory to a run that would not fit beside it', async () => {
    await workbench.close();
    let free = 50;
    workbench = world.open({
      availableMemory: () => 4e8 + 1e9 * Number(free > 0),
      estimateMemory: ({ adapters }) =>
        Promise.resolve({
          estimates: adapters.map(() => ({
            weights: 0,
            activations: 0,
            state: 0,
            process: 0,
            total: 1e9,
            resident: 1e9,
          })),
          suggestion: null,
        }),
    });
    const trainer = await warm();
    free = 0;
    const experiment = await createExperiment(workbench);
    const [run] = runsOf(workbench, experiment);
    workbench.runs.start({ id: run.id });
    await vi.waitFor(() => expect(trainer.commands.some(({ type }) => type === 'end')).toBe(true));
    free = 50;
    trainer.end({ type: 'closed' });
    expect((await world.trainers.nth(1)).commands[0]?.type).toBe('train');
  });

  it('is not opened where it is not expected to fit', async () => {
    await workbench.close();
    workbench = world.open({ availableMemory: () => 1e8 });
    start('question-1');
    expect((await ended('question-1')).error?.message).toBe(
      'the model "tiny" was not opened: it would take about 0.4 GB of memory, and 0.1 GB are available',
    );
    expect(world.trainers.started).toHaveLength(0);
  });
});

describe('votes', () => {
  const vote = (left: string | null, right: string | null, choice: 'left' | 'right' | 'tie' | 'both-bad') =>
    workbench.generation.vote({
      modelId: 'tiny',
      left: { adapterId: left, answer: 'a' },
      right: { adapterId: right, answer: 'b' },
      choice,
      prompt: { form: 'text', text: 'the sea' },
      settings: defaultGenerationSettings,
    });

  it('are added up by pair, whichever side each stood on, with an exact sign test', async () => {
    const experiment = await createExperiment(workbench);
    const [run] = runsOf(workbench, experiment);
    workbench.runs.start({ id: run.id });
    endCompleted(await world.trainers.nth(0));
    await workbench.waitForRun(run.id);
    const { id: adapter } = workbench.adapters.list().items[0]!;
    expect(vote(adapter, null, 'left')).toMatchObject({
      pair: [{ adapterId: null }, { adapterId: adapter, name: 'lora r4' }],
      wins: [0, 1],
      p: 1,
      verdict:
        'Too few to say: with one vote for one of the two even a clean sweep could be chance; it takes 6.',
    });
    vote(null, adapter, 'tie');
    vote(null, adapter, 'both-bad');
    for (let count = 0; count < 5; count++) vote(null, adapter, 'right');
    const [tally, ...others] = workbench.generation.tallies({ modelId: 'tiny' });
    expect(others).toEqual([]);
    expect(tally).toMatchObject({ wins: [0, 6], ties: 1, bothBad: 1, votes: 8 });
    expect(tally?.p).toBeCloseTo(0.03125, 12);
    expect(tally?.verdict).toMatch(/^lora r4 is preferred more often than chance explains/);
    expect(() => vote(adapter, adapter, 'left')).toThrow('left and right are the same');
  });
});
