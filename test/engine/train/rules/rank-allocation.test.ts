import { expect, it } from 'vitest';
import { partOf, slotsOf } from '../../../../main/engine/train/rules/layer-slots.ts';
import { rankAllocation } from '../../../../main/engine/train/rules/rank-allocation.ts';
import { ruleContext } from './rule-context.ts';

const settings = {
  kind: 'rank-allocation',
  targetRank: 1,
  initialSteps: 0,
  finalSteps: 0,
  everySteps: 1,
  beta1: 0.5,
  beta2: 0.5,
} as const;

it('leaves the triplets that matter most, as many as the budget has', () => {
  const context = ruleContext({ method: 'adalora', rank: 2, targetRank: 1 }, 4);
  const parameters = new Float32Array(context.layout.total).fill(1);
  const gradient = new Float32Array(context.layout.total).fill(0.01);
  const [first, second] = slotsOf(context, 'lora_E').map(({ slot }) => slot);
  // Both triplets of the first layer move the loss, none of the second.
  partOf(gradient, first!).fill(1);
  const rule = rankAllocation(context, settings);
  for (let count = 1; count <= 5; count++)
    rule.afterUpdate!(parameters, gradient, { gradientScale: 1, count });
  expect([...partOf(parameters, first!)]).toEqual([1, 1]);
  expect([...partOf(parameters, second!)]).toEqual([0, 0]);
});

it('says when a run is too short for its budget', () => {
  const context = ruleContext({ method: 'adalora', rank: 2, targetRank: 1 }, 3);
  expect(() => rankAllocation(context, { ...settings, initialSteps: 2, finalSteps: 1 })).toThrow(
    'initialSteps 2 and finalSteps 1: a run of 3 steps leaves none between them',
  );
});
