import { expect, it } from 'vitest';
import { href, parseRoute } from '../../renderer/source/state/routes.ts';

it.each([
  ['', { screen: 'experiments' }],
  ['#/', { screen: 'experiments' }],
  [href.models, { screen: 'models' }],
  [href.experiment('a/b c'), { screen: 'experiment', id: 'a/b c' }],
  [href.dataset('7'), { screen: 'dataset', id: '7' }],
  [href.newExperiment(), { screen: 'new-experiment' }],
  [href.newExperiment({ from: 'x', data: 'y&z' }), { screen: 'new-experiment', from: 'x', data: 'y&z' }],
  ['#/adapters/1', { screen: 'unknown' }],
  ['#/experiments/1/2', { screen: 'unknown' }],
  ['#/experiments/', { screen: 'unknown' }],
  ['#/experiments/%E0%A4%A', { screen: 'experiment', id: '%E0%A4%A' }],
])('%s', (hash, route) => {
  expect(parseRoute(hash)).toEqual(route);
});
