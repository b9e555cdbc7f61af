import type { TrainingRule } from '../../adapters/description/adapter-description.ts';
import { invalidInput } from '../../errors.ts';
import { partOf, slotsOf, type FactorSlot } from './layer-slots.ts';
import type { ParameterRule, RuleContext } from './parameter-rule.ts';

type Settings = Extract<TrainingRule, { kind: 'rank-allocation' }>;

/**
 * AdaLoRA's budget (Zhang et al., arXiv 2303.10512, section 3.2): the singular values E of least importance are set to zero, until
 * `targetRank` a layer are left on average. A number's importance is the smoothed |parameter * gradient| times its smoothed
 * uncertainty; a triplet's is that of its E and the means over its row of A and its column of B.
 */
export const rankAllocation = (context: RuleContext, settings: Settings): ParameterRule => {
  const { layout, totalSteps, memory } = context;
  const { beta1, beta2, initialSteps, finalSteps, everySteps } = settings;
  const triplets = slotsOf(context, 'lora_E').map((e) => ({
    e,
    a: ofLayer(slotsOf(context, 'lora_A'), e),
    b: ofLayer(slotsOf(context, 'lora_B'), e),
  }));
  const initialBudget = triplets.reduce((sum, { e }) => sum + e.slot.length, 0);
  const targetBudget = settings.targetRank * triplets.length;
  if (totalSteps === null) throw new Error('the budget of ranks needs the number of steps');
  const last = totalSteps - finalSteps;
  if (last <= initialSteps)
    throw invalidInput(
      `initialSteps ${initialSteps} and finalSteps ${finalSteps}: a run of ${totalSteps} steps leaves none between them`,
    );

  const sensitivity = memory['sensitivity'] ?? new Float32Array(layout.total);
  const uncertainty = memory['uncertainty'] ?? new Float32Array(layout.total);
  /** 1 for the singular values that stay after the last cut. */
  const kept = memory['kept'] ?? new Float32Array(initialBudget).fill(1);

  const note = (parameters: Float32Array, gradient: Float32Array, scale: number): void => {
    for (let at = 0; at < layout.total; at++) {
      const importance = Math.abs(parameters[at]! * gradient[at]! * scale);
      sensitivity[at] = beta1 * sensitivity[at]! + (1 - beta1) * importance;
      uncertainty[at] = beta2 * uncertainty[at]! + (1 - beta2) * Math.abs(importance - sensitivity[at]!);
    }
  };
  const scoreAt = (at: number): number => sensitivity[at]! * uncertainty[at]!;

  /** Of every triplet, layer by layer. */
  const scores = (): Float64Array => {
    const all = new Float64Array(initialBudget);
    let next = 0;
    for (const { e, a, b } of triplets)
      for (let k = 0; k < e.slot.length; k++) {
        let [row, column] = [0, 0];
        const { columns } = a.factor;
        for (let j = 0; j < columns; j++) row += scoreAt(a.slot.offset + k * columns + j);
        for (let i = 0; i < b.factor.rows; i++) column += scoreAt(b.slot.offset + i * b.factor.columns + k);
        all[next++] = scoreAt(e.slot.offset + k) + row / columns + column / b.factor.rows;
      }
    return all;
  };

  const cut = (budget: number): void => {
    const all = scores();
    const threshold = all.toSorted()[initialBudget - budget - 1];
    if (threshold === undefined) return void kept.fill(1);
    all.forEach((score, at) => (kept[at] = score <= threshold ? 0 : 1));
  };
  const mask = (parameters: Float32Array): void => {
    let next = 0;
    for (const { e } of triplets) {
      const part = partOf(parameters, e.slot);
      for (let k = 0; k < part.length; k++) part[k]! *= kept[next++]!;
    }
  };

  const budgetAt = (step: number): number => {
    const left = 1 - (step - initialSteps) / (last - initialSteps);
    return Math.trunc((initialBudget - targetBudget) * left ** 3 + targetBudget);
  };

  return {
    memory: { sensitivity, uncertainty, kept },
    // PEFT's callers count steps from 0.
    afterUpdate: (parameters, gradient, { gradientScale, count }) => {
      const step = count - 1;
      if (step > last) return mask(parameters);
      note(parameters, gradient, gradientScale);
      const isDue = step === last || (step > initialSteps && step % everySteps === 0);
      if (!isDue) return;
      cut(step === last ? targetBudget : budgetAt(step));
      mask(parameters);
    },
  };
};

const ofLayer = (slots: readonly FactorSlot[], { layer }: FactorSlot): FactorSlot =>
  slots.find((one) => one.layer === layer) as FactorSlot;
