import { expect, test } from 'vitest';
import { screenPaths, shownScreens } from './screen-list.ts';

test('the list of screens is read from the window’s own', () => {
  expect(screenPaths()).toEqual(
    expect.arrayContaining([
      'home',
      'experiments',
      'experiments/new',
      'experiments/:id',
      'runs/compare',
      'about',
    ]),
  );
});

test('a screen is looked at where there is something to see', () => {
  expect(
    shownScreens(['home', 'data/:id', 'runs/compare'], { data: 'sea' }, { 'runs/compare': 'ids=a,b' }),
  ).toEqual([
    { name: 'home', address: 'home' },
    { name: 'data-one', address: 'data/sea' },
    { name: 'runs-compare', address: 'runs/compare?ids=a,b' },
  ]);
  expect(() => shownScreens(['whales/:id'], {}, {})).toThrow('whales/:id: nothing to show of "whales"');
});
