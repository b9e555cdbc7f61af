import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Workbench } from '../../main/services/workbench.ts';
import { createWorld, definition, endCompleted, type World } from './test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-29T12:00:00Z') });
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
});
afterEach(async () => {
  vi.useRealTimers();
  await workbench.close();
  world.remove();
});

const create = (name: string) => workbench.experiments.create({ definition: definition({ name }) });

/** As the clock of a laptop whose battery ran out. */
const putBack = (): void => void vi.setSystemTime(new Date('2001-01-01T00:00:00Z'));

test('what came last stands first, whatever the clock says', async () => {
  await create('first');
  const second = await create('second');
  putBack();
  const third = await create('third');
  await create('second');
  const names = (asked: object = {}): string[] =>
    workbench.experiments.list(asked).items.map(({ name }) => name);
  expect(names()).toEqual(['second', 'third', 'second', 'first']);
  expect(names({ sort: 'oldest' })).toEqual(['first', 'second', 'third', 'second']);
  const page = workbench.experiments.list({ limit: 2 });
  expect(names({ limit: 2, cursor: page.next })).toEqual(['second', 'first']);
  const { items } = workbench.runs.list({});
  expect([...new Set(items.map(({ experimentId }) => experimentId))].slice(1, 3)).toEqual([
    third.id,
    second.id,
  ]);
  // A name that two have is the later one's.
  expect(workbench.experiments.show({ id: 'second' }).id).not.toBe(second.id);
});

test('adapters stand in the order in which they were trained', async () => {
  let started = 0;
  const finish = async (name: string): Promise<void> => {
    const experiment = await create(name);
    workbench.experiments.start({ id: experiment.id });
    for (const { id } of experiment.runs) {
      const trainer = await world.trainers.nth(started++);
      endCompleted(trainer);
      await workbench.waitForRun(id);
    }
  };
  await finish('before');
  putBack();
  await finish('after');
  expect(workbench.adapters.list().items.map(({ experimentName }) => experimentName)).toEqual([
    'after',
    'after',
    'before',
    'before',
  ]);
});

test('what is removed goes after its time, not after that and what the clock was put back by', async () => {
  const { id } = await create('first');
  vi.useRealTimers();
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: new Date('2026-11-29T12:00:00Z') });
  workbench.removals.begin({ experimentIds: [id], runIds: [] });
  await workbench.close();
  putBack();
  workbench = world.open();
  const set = vi.getTimerCount();
  expect(set).toBeGreaterThan(0);
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  vi.useRealTimers();
  await expect.poll(() => workbench.removals.list()).toEqual([]);
});
