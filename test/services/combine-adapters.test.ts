import { existsSync, mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import type { Adapter } from '../../main/services/shared/entities.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { writeTinyModel } from '../support/tiny-model.ts';
import type { ScriptedTrainer } from './scripted-trainer.ts';
import { createExperiment, createWorld, endCompleted, type World } from './test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
});
afterEach(async () => {
  await workbench.close({ graceMilliseconds: 0 });
  world.remove();
});

const settings = adapterSettingsSchema.parse({ method: 'lora', rank: 6, alpha: 6 });
const summary = { settings, parameters: 192, layers: [], losses: [] };

const imported = async (name: string, model = 'tiny'): Promise<Adapter> => {
  mkdirSync(world.path(name), { recursive: true });
  const nth = world.trainers.started.length;
  const importing = workbench.adapters.import({
    directory: world.path(name),
    modelId: workbench.models.show({ id: model }).id,
  });
  const trainer = await world.trainers.nth(nth);
  build(trainer);
  trainer.end({ type: 'imported', summary: { settings, trainedParameters: 1, promptTokens: 1 } });
  return importing;
};

/** The adapter's folder, as a trainer leaves it. */
const build = ({ commands: [command] }: ScriptedTrainer): void => {
  if (command?.type !== 'import' && command?.type !== 'combine') throw new Error('nothing was to be built');
  mkdirSync(command.specification.destination!, { recursive: true });
};

describe('adapters added up', () => {
  test('are looked at, kept with what they are made of, and exported as any other', async () => {
    const { runs } = await createExperiment(workbench);
    workbench.runs.start({ id: runs[0]!.id });
    endCompleted(await world.trainers.nth(0));
    const { adapterId } = await workbench.waitForRun(runs[0]!.id);
    const own = workbench.adapters.show({ id: adapterId! });
    const other = await imported('other');
    const parts = [
      { adapterId: own.id, weight: 0.7 },
      { adapterId: 'other', weight: -0.5 },
    ];

    const looking = workbench.adapters.preview({ parts });
    const first = await world.trainers.nth(2);
    expect(first.commands[0]).toMatchObject({
      type: 'combine',
      specification: {
        modelDirectory: world.path('tiny'),
        destination: null,
        parts: [
          {
            name: own.name,
            weight: 0.7,
            adapterDirectory: own.directory,
            heldOut: { seed: expect.any(Number) },
          },
          { name: 'other', weight: -0.5, heldOut: expect.stringContaining('was imported') },
        ],
      },
    });
    first.emit({ type: 'progress', phase: 'evaluating', done: 1, total: 4 });
    expect(world.events.at(-1)).toMatchObject({ name: 'adapters.combining', payload: { done: 1 } });
    first.end({ type: 'combined', summary });
    expect(await looking).toEqual(summary);

    const keeping = workbench.adapters.combine({ parts });
    const second = await world.trainers.nth(3);
    build(second);
    second.end({ type: 'combined', summary });
    const kept = await keeping;
    expect(existsSync(kept.directory)).toBe(true);
    expect(kept).toMatchObject({
      name: `0.7 ${own.name} − 0.5 other`,
      runId: null,
      source: null,
      method: 'lora',
      trainedParameters: 192,
      parts: [
        { adapterId: own.id, name: own.name, weight: 0.7 },
        { adapterId: other.id, name: 'other', weight: -0.5 },
      ],
    });
    expect(world.events.at(-1)).toEqual({
      name: 'adapters.changed',
      payload: { changed: [kept], removed: [] },
    });
    await workbench.exports.create({ adapterId: kept.id, kind: 'merged' });
    expect((await world.trainers.nth(4)).commands[0]).toMatchObject({
      specification: {
        adapterDirectory: kept.directory,
        heldOut: expect.stringContaining('a sum of others'),
      },
    });
  });

  test('are refused by name: of two models, one twice, and what a trainer says', async () => {
    writeTinyModel(world.path('second'));
    await workbench.models.import({ directory: world.path('second') });
    const one = await imported('one');
    const foreign = await imported('foreign', 'second');
    const weigh = (...ids: string[]) => ids.map((adapterId) => ({ adapterId, weight: 1 }));
    await expect(workbench.adapters.preview({ parts: weigh(one.id, foreign.id) })).rejects.toThrow(
      'the adapter "foreign" is of the model "second" and "one" of "tiny": only adapters of one model can be added up',
    );
    await expect(workbench.adapters.preview({ parts: weigh(one.id, 'one') })).rejects.toThrow(
      'the adapter "one" is named twice: give it one weight',
    );
    const keeping = workbench.adapters.combine({ parts: weigh(one.id), name: 'mine' });
    const trainer = await world.trainers.nth(2);
    const [command] = trainer.commands;
    if (command?.type !== 'combine') throw new Error('nothing was to be added up');
    trainer.end({ type: 'failed', code: 'unsupported', message: 'the adapter "one" (dora) …' });
    await expect(keeping).rejects.toThrow('the adapter "one" (dora) …');
    expect(existsSync(command.specification.destination!)).toBe(false);
    await expect(workbench.adapters.combine({ parts: weigh(one.id), name: 'one' })).rejects.toThrow(
      'there is an adapter "one" already',
    );
  });
});
