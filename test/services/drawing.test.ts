import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { drawSettingsSchema } from '../../main/engine/diffusion/draw-settings.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeTinyPipeline } from '../support/tiny-pipeline.ts';
import type { ScriptedTrainer } from './scripted-trainer.ts';
import { createWorld, type World } from './test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await workbench.models.import({ directory: writeTinyPipeline(world.path('painter')) });
  await workbench.models.import({ directory: writeTinyClip(world.path('clip')) });
});
afterEach(async () => {
  for (const trainer of world.trainers.started) trainer.exit();
  await workbench.close();
  world.remove();
});

const settings = drawSettingsSchema.parse({ steps: 3 });
const asked = { modelId: 'painter', arms: [null], wanted: [{ prompt: 'a cat', seed: 7 }], settings };
const drawn = (id: string): TrainerEvent => ({
  ...{ type: 'drawn', id },
  answer: { width: 16, height: 16, pictures: [['AA==']], sheet: null, notices: [], seconds: 0.1 },
});
const nthAsk = (trainer: ScriptedTrainer, at: number) =>
  vi.waitFor(() => {
    const ask = trainer.commands.filter((command) => command.type === 'ask')[at];
    if (ask === undefined) throw new Error(`nothing was asked a ${at + 1}. time`);
    return ask;
  });

describe('asking for pictures', () => {
  it('opens the model once, and draws one question after the other', async () => {
    const first = workbench.drawing.draw({ ...asked, job: 'first' });
    const second = workbench.drawing.draw({ ...asked, job: 'second' });
    const trainer = await world.trainers.nth(0);
    expect(trainer.commands[0]).toMatchObject({
      type: 'draw',
      specification: { modelDirectory: world.path('painter'), arms: [null] },
    });
    trainer.emit({ type: 'ready', notices: [] });
    expect((await nthAsk(trainer, 0)).question).toEqual({
      ...{ kind: 'draw', arms: [0], wanted: asked.wanted, settings },
      names: { model: 'painter', arms: ['base'] },
    });
    trainer.emit({ type: 'progress', phase: 'drawing', done: 2, total: 4 });
    expect(world.events).toContainEqual({
      name: 'drawing.progress',
      payload: { job: 'first', done: 2, total: 4 },
    });
    trainer.emit(drawn('first'));
    expect((await first).pictures).toEqual([['AA==']]);
    expect((await nthAsk(trainer, 1)).id).toBe('second');
    workbench.drawing.stop({ job: 'second' });
    expect(trainer.commands.at(-1)).toEqual({ type: 'drop', id: 'second' });
    trainer.emit({ type: 'refused', id: 'second', code: 'conflict', message: 'stopped before it was drawn' });
    await expect(second).rejects.toThrow('stopped before it was drawn');
    expect(world.trainers.started).toHaveLength(1);
  });

  it('is refused by name where the model draws no pictures, or they are too many for one answer', () => {
    expect(() => workbench.drawing.draw({ ...asked, modelId: 'clip' })).toThrow(
      'the model "clip" is made for class-prompts: it draws no pictures',
    );
    const wanted = Array.from({ length: 40 }, (_, seed) => ({ prompt: 'a cat', seed }));
    expect(() => workbench.drawing.draw({ ...asked, arms: [null, null], wanted })).toThrow(
      'wanted: 40 pictures by 2 arms are 80; 64 come at once: ask for some after the others',
    );
    expect(() => workbench.drawing.draw({ ...asked, arms: ['nobody'] })).toThrow('nobody');
  });

  it('gives its memory back to a model that looks at pictures and would not fit beside it', async () => {
    await workbench.close();
    let available = 1e12;
    workbench = world.open({ availableMemory: () => available });
    const picture = workbench.drawing.draw(asked);
    const trainer = await world.trainers.nth(0);
    trainer.emit({ type: 'ready', notices: [] });
    trainer.emit(drawn((await nthAsk(trainer, 0)).id));
    await picture;
    available = 1e6;
    const looked = workbench.classifying.classify({
      ...{
        modelId: 'clip',
        arms: [null],
        picture: { path: '/cat.png' },
        classes: ['a', 'b'],
        template: '{}',
      },
    });
    looked.catch(() => undefined);
    await vi.waitFor(() => {
      expect(trainer.commands.some(({ type }) => type === 'end')).toBe(true);
      trainer.end({ type: 'closed' });
    });
    available = 1e12;
    trainer.exit();
    expect((await world.trainers.nth(1)).commands[0]).toMatchObject({ type: 'classify' });
  });
});
