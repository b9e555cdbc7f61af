import { expect, it } from 'vitest';
import { accuracyChart } from './chart.ts';
import { tableOf, type Reached } from './summary.ts';

const reached = [0.5, 0.6, 0.7].flatMap((accuracy, seed): Reached[] => [
  { set: 'digits', seed, method: 'LoRA', shots: 4, rate: 1e-3, zeroShot: 0.1, accuracy },
  { set: 'digits', seed, method: 'NoRA', shots: 4, rate: 1e-2, zeroShot: 0.1, accuracy: accuracy + 0.1 },
]);

it('has means with their intervals, and differences pair by pair', () => {
  // Student's t of two degrees: 4.303 x 0.1 / sqrt(3). All pairs differ by the same.
  expect(tableOf(reached, null).split('\n').slice(2)).toEqual([
    '| 0 (zero-shot) | 10.0 | 10.0 | |',
    '| 4 | 60.0 ± 24.8 | 70.0 ± 24.8 | 10.0 ± 0.0 |',
  ]);
});

it('draws each method once for each set, and no number that is none', () => {
  const svg = accuracyChart(reached);
  expect(svg.match(/>LoRA</g)).toHaveLength(1);
  expect(svg.match(/<circle/g)).toHaveLength(2);
  expect(svg).not.toContain('NaN');
});
