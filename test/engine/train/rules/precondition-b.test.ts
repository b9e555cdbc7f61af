import { expect, it } from 'vitest';
import { preconditionB } from '../../../../main/engine/train/rules/precondition-b.ts';
import { partOf, slotsOf } from '../../../../main/engine/train/rules/layer-slots.ts';
import { drawn, ruleContext } from './rule-context.ts';

it("makes LoRA-FA's step of B: times A A^T and scaling^2 it is the gradient again", () => {
  const context = ruleContext({ method: 'lorafa', rank: 2, alpha: 6 });
  const gradient = drawn(context.layout.total, 50);
  const step = gradient.slice();
  preconditionB(context).precondition!(step);
  const slots = slotsOf(context, 'lora_B');
  expect(slots).toHaveLength(2);
  for (const { layer, factor, slot } of slots) {
    const a = context.adapter.values.get(`${layer.module}.lora_A`)!;
    const inner = (i: number, j: number): number => {
      let sum = 0;
      for (let k = 0; k < layer.inFeatures; k++)
        sum += a[i * layer.inFeatures + k]! * a[j * layer.inFeatures + k]!;
      return sum;
    };
    const made = partOf(step, slot);
    for (let row = 0; row < factor.rows; row++)
      for (let j = 0; j < 2; j++) {
        const back = 3 ** 2 * (made[2 * row]! * inner(0, j) + made[2 * row + 1]! * inner(1, j));
        expect(back).toBeCloseTo(partOf(gradient, slot)[2 * row + j]!, 4);
      }
  }
});
