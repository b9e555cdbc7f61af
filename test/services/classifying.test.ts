import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeColourPictures } from '../support/tiny-pictures.ts';
import type { ScriptedTrainer } from './scripted-trainer.ts';
import { createWorld, type World } from './test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
  await workbench.models.import({ directory: writeTinyClip(world.path('clip')) });
  await workbench.datasets.import({ trainFile: await writeColourPictures(world.path('colours')) });
});
afterEach(async () => {
  vi.useRealTimers();
  for (const trainer of world.trainers.started) trainer.exit();
  await workbench.close();
  world.remove();
});

const asked = {
  modelId: 'clip',
  arms: [null],
  picture: { path: '/pictures/cat.png' },
  classes: ['cat', 'dog'],
  template: 'a {}.',
};
const looked = (id: string): TrainerEvent => ({
  type: 'looked',
  id,
  answer: {
    kind: 'classes',
    ...{ width: 4, height: 3, seen: 'AA==', notices: [], seconds: 0.1 },
    arms: [{ probabilities: [0.9, 0.1], logits: [2, 0] }],
  },
});
const asks = (trainer: ScriptedTrainer) =>
  trainer.commands.flatMap((command) => (command.type === 'ask' ? [command] : []));
const nthAsk = (trainer: ScriptedTrainer, at: number) =>
  vi.waitFor(() => {
    const ask = asks(trainer)[at];
    if (ask === undefined) throw new Error(`nothing was asked a ${at + 1}. time`);
    return ask;
  });
const obeyEnd = (trainer: ScriptedTrainer): Promise<void> =>
  vi.waitFor(() => {
    expect(trainer.commands.some(({ type }) => type === 'end')).toBe(true);
    trainer.end({ type: 'closed' });
  });
/** A session that has answered once, and waits. */
const warm = async (): Promise<ScriptedTrainer> => {
  const answer = workbench.classifying.classify(asked);
  const trainer = await world.trainers.nth(0);
  trainer.emit({ type: 'ready', notices: [] });
  trainer.emit(looked((await nthAsk(trainer, 0)).id));
  await answer;
  return trainer;
};

describe('asking what is on pictures', () => {
  it('loads the model once, and answers one question after the other', async () => {
    const first = workbench.classifying.classify({ ...asked, job: 'first' });
    const second = workbench.classifying.classify({ ...asked, job: 'second' });
    const trainer = await world.trainers.nth(0);
    expect(trainer.commands[0]).toMatchObject({
      type: 'classify',
      specification: { modelDirectory: world.path('clip'), arms: [null] },
    });
    trainer.emit({ type: 'ready', notices: [] });
    expect((await nthAsk(trainer, 0)).question).toEqual({
      ...{ kind: 'classes', arms: [0], picture: asked.picture },
      ...{ classes: asked.classes, template: asked.template },
    });
    expect(asks(trainer)).toHaveLength(1);
    trainer.emit(looked('first'));
    expect((await first).arms[0]!.probabilities).toEqual([0.9, 0.1]);
    expect((await nthAsk(trainer, 1)).id).toBe('second');
    trainer.emit({ type: 'refused', id: 'second', code: 'invalid-input', message: 'cat.png: is a PDF' });
    await expect(second).rejects.toThrow('cat.png: is a PDF');
    expect(world.trainers.started).toHaveLength(1);
  });

  it('tells how far a map is, and stops it where nobody wants it any more', async () => {
    const trainer = await warm();
    const map = workbench.classifying.map({
      ...{ modelId: 'clip', arms: [null], datasetId: 'colours', most: 100, job: 'map' },
    });
    expect((await nthAsk(trainer, 1)).question).toEqual({
      ...{ kind: 'map', arms: [0], most: 100 },
      pictures: {
        trainFile: world.path('colours'),
        format: expect.objectContaining({ kind: 'pictures', classes: ['blue', 'green', 'red'] }) as object,
        cacheDirectory: expect.stringMatching(/cache$/) as string,
      },
    });
    trainer.emit({ type: 'progress', phase: 'scoring', done: 8, total: 12 });
    expect(world.events).toContainEqual({
      name: 'classifying.progress',
      payload: { job: 'map', done: 8, total: 12 },
    });
    const next = workbench.classifying.classify({ ...asked, job: 'next' });
    workbench.classifying.stop({ job: 'next' });
    workbench.classifying.stop({ job: 'map' });
    expect(trainer.commands.at(-1)).toEqual({ type: 'drop', id: 'map' });
    trainer.emit({ type: 'refused', id: 'map', code: 'conflict', message: 'stopped before it was answered' });
    await expect(map).rejects.toThrow('stopped');
    await expect(next).rejects.toThrow('stopped');
    expect(asks(trainer)).toHaveLength(2);
  });

  it('is refused by name where model, data or adapter are not of pictures', () => {
    expect(() => workbench.classifying.classify({ ...asked, modelId: 'tiny' })).toThrow(
      'the model "tiny" is made for next-token: it sees no pictures',
    );
    expect(() =>
      workbench.classifying.map({ modelId: 'clip', arms: [null], datasetId: 'sea', most: 10 }),
    ).toThrow('the data "sea" are no pictures');
    expect(() => workbench.classifying.classify({ ...asked, arms: ['nobody'] })).toThrow('nobody');
    expect(() =>
      workbench.generation.start({
        ...{
          modelId: 'clip',
          arms: [null],
          date: '2026-11-28',
          alternatives: 0,
          stream: true,
          baseFormat: 'fp32',
        },
        rows: [],
      }),
    ).toThrow('it writes no text');
  });

  it('begins with the template of CLIP where no arm was trained here', () => {
    expect(workbench.classifying.defaults({ modelId: 'clip', arms: [null] })).toEqual({
      ...{ dataset: null, classes: [], template: 'a photo of a {}.' },
    });
  });
});

describe('the memory of a model that looks at pictures', () => {
  it('is not taken where it would not be there, and told in words', async () => {
    await workbench.close();
    workbench = world.open({ availableMemory: () => 1e6 });
    await expect(workbench.classifying.classify(asked)).rejects.toThrow('the model "clip" was not opened');
    expect(world.trainers.started).toHaveLength(0);
  });

  it('is given back on demand, after a while, and when the workbench closes', async () => {
    const trainer = await warm();
    const released = workbench.classifying.release();
    await obeyEnd(trainer);
    trainer.exit();
    await released;
    const again = workbench.classifying.classify(asked);
    const other = await world.trainers.nth(1);
    other.emit({ type: 'ready', notices: [] });
    await nthAsk(other, 0);
    await expect(workbench.classifying.release()).rejects.toThrow('stop that first');
    const closed = workbench.close();
    await obeyEnd(other);
    other.exit();
    await expect(again).rejects.toThrow('taken out of memory');
    await closed;
  });

  it('is given up for a model of text that would not fit beside it', async () => {
    await workbench.close();
    let available = 1e12;
    workbench = world.open({ availableMemory: () => available });
    const trainer = await warm();
    available = 1e6;
    workbench.generation.start({
      ...{
        id: 'question-1',
        modelId: 'tiny',
        arms: [null],
        date: '2026-11-28',
        alternatives: 0,
        stream: true,
      },
      ...{ baseFormat: 'fp32', rows: [] },
    });
    await obeyEnd(trainer);
    available = 1e12;
    trainer.exit();
    expect((await world.trainers.nth(1)).commands[0]).toMatchObject({ type: 'generate' });
  });
});
