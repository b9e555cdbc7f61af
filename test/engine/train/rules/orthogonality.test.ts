import { expect, it } from 'vitest';
import { partOf, slotsOf } from '../../../../main/engine/train/rules/layer-slots.ts';
import { orthogonality } from '../../../../main/engine/train/rules/orthogonality.ts';
import type { RuleContext } from '../../../../main/engine/train/rules/parameter-rule.ts';
import { drawn, ruleContext } from './rule-context.ts';

/** weight times the mean of ||A A^T - I||_F and ||B^T B - I||_F over all A and B, by loops. */
const penalty = (context: RuleContext, parameters: Float32Array, weight: number): number => {
  const norms = ['lora_A', 'lora_B'].flatMap((name) =>
    slotsOf(context, name).map(({ slot, factor: { rows, columns } }) => {
      const data = partOf(parameters, slot);
      const [rank, length] = name === 'lora_A' ? [rows, columns] : [columns, rows];
      const at = (row: number, place: number): number =>
        name === 'lora_A' ? data[row * columns + place]! : data[place * columns + row]!;
      let squares = 0;
      for (let i = 0; i < rank; i++)
        for (let j = 0; j < rank; j++) {
          let product = i === j ? -1 : 0;
          for (let k = 0; k < length; k++) product += at(i, k) * at(j, k);
          squares += product ** 2;
        }
      return Math.sqrt(squares);
    }),
  );
  return (weight * norms.reduce((a, b) => a + b)) / norms.length;
};

it("adds the gradient of AdaLoRA's regulariser", () => {
  const context = ruleContext({ method: 'adalora', rank: 2, targetRank: 1 });
  const parameters = drawn(context.layout.total, 7);
  const gradient = new Float32Array(context.layout.total).fill(1);
  orthogonality(context, { weight: 0.5 }).penalise!(parameters, gradient);
  for (let at = 0; at < parameters.length; at++) {
    const nudged = (by: number): number => penalty(context, parameters.with(at, parameters[at]! + by), 0.5);
    expect(gradient[at]! - 1).toBeCloseTo((nudged(2 ** -7) - nudged(-(2 ** -7))) / 2 ** -6, 3);
  }
});
