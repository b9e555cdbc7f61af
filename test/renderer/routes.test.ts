import { expect, it } from 'vitest';
import { findRoute, href } from '../../renderer/source/state/routes.ts';

const places = [
  { path: 'experiments' },
  { path: 'experiments/new', query: ['from', 'model', 'data'] },
  { path: 'experiments/:id' },
  { path: 'models' },
  { path: 'data/:id' },
  { path: 'adapters' },
];

it.each([
  ['', 'experiments', {}],
  ['#/', 'experiments', {}],
  [href.models, 'models', {}],
  [href.experiment('a/b c'), 'experiments/:id', { id: 'a/b c' }],
  [href.dataset('7'), 'data/:id', { id: '7' }],
  [href.newExperiment(), 'experiments/new', {}],
  [href.newExperiment({ from: 'x', data: 'y&z' }), 'experiments/new', { from: 'x', data: 'y&z' }],
  ['#/models?from=x', 'models', {}],
  ['#/adapters/1', undefined, {}],
  ['#/experiments/1/2', undefined, {}],
  ['#/experiments/', undefined, {}],
  ['#/experiments/%E0%A4%A', 'experiments/:id', { id: '%E0%A4%A' }],
])('%s', (hash, path, parameters) => {
  expect(findRoute(places, hash)).toMatchObject({
    place: places.find((one) => one.path === path),
    parameters,
  });
});

it('is another page for another part of the path, not for another query', () => {
  const key = (hash: string): string => findRoute(places, hash).key;
  expect(key('#/experiments/1')).not.toBe(key('#/experiments/2'));
  expect(key('#/')).toBe(key('#/experiments'));
  expect(key('#/experiments/new?from=1')).toBe(key('#/experiments/new?from=2'));
});
