import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Workbench } from '../../main/services/workbench.ts';
import { createWorld } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(() => {
  world = createWorld();
  workbench = world.open();
});
afterEach(async () => {
  await workbench.close();
  world.remove();
});

const definition = {
  filter: 'method = nora',
  archived: false,
  sort: { column: 'validation/loss', descending: false },
  group: 'experiment',
  columns: ['name', 'adapter.rank'],
  pinned: ['name'],
  differing: true,
};

test('a view is kept under a name, changed, and removed, and every window hears of it', async () => {
  const view = workbench.views.save({ name: 'NoRA by study', definition });
  expect(world.events.at(-1)).toEqual({ name: 'views.changed', payload: {} });
  await workbench.close();
  workbench = world.open();
  expect(workbench.views.list()).toEqual([view]);
  const changed = workbench.views.save({
    id: view.id,
    name: 'all',
    definition: { ...definition, filter: '' },
  });
  expect(workbench.views.list()).toEqual([changed]);
  expect(changed).toMatchObject({ id: view.id, name: 'all', definition: { filter: '' } });
  workbench.views.save({ name: 'Best', definition });
  expect(workbench.views.list().map(({ name }) => name)).toEqual(['all', 'Best']);
  workbench.views.remove({ id: view.id });
  expect(workbench.views.list().map(({ name }) => name)).toEqual(['Best']);
});

test('no two views have one name', () => {
  workbench.views.save({ name: 'Best', definition });
  const other = workbench.views.save({ name: 'other', definition });
  expect(() => workbench.views.save({ name: 'best', definition })).toThrow(
    'name: there is a view "Best" already; choose another name',
  );
  expect(() => workbench.views.save({ id: other.id, name: 'BEST', definition })).toThrow('already');
  expect(() => workbench.views.save({ id: 'nobody', name: 'new', definition })).toThrow(
    'there is no such view',
  );
  expect(() => workbench.views.remove({ id: 'nobody' })).toThrow('there is no such view');
});
