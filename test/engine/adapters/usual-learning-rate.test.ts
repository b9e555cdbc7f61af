import { describe, expect, it } from 'vitest';
import { methods } from '../../../main/engine/adapters/methods/index.ts';
import type { AdapterMethod } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { usualLearningRate } from '../../../main/engine/adapters/settings/usual-learning-rate.ts';

const names = Object.keys(methods) as AdapterMethod[];

describe('the rate that a method is first tried at', () => {
  it('is one of those that reports found good, at the sizes that they measured', () => {
    // docs/reports: the best of a grid, and its neighbours within the noise.
    expect(usualLearningRate('lora', 2e6)).toBe(5e-3);
    expect(usualLearningRate('nora', 2e6)).toBe(1e-2);
    // SmolLM2-135M: LoRA is as good at 2e-3 as at 2e-4; NoRA is best at 2e-3 and breaks at 8e-3.
    expect(usualLearningRate('lora', 135e6)).toBeGreaterThanOrEqual(2e-4);
    expect(usualLearningRate('lora', 135e6)).toBeLessThanOrEqual(2e-3);
    expect(usualLearningRate('nora', 135e6)).toBe(2e-3);
  });

  it('is as published on seven billion parameters and more', () => {
    expect(usualLearningRate('lora', 7e9)).toBe(2e-4);
    expect(usualLearningRate('loraxs', 70e9)).toBe(2e-3);
  });

  it.each(names)('never rises with the size of the model: %s', (name) => {
    const rates = [0, 1e6, 1e7, 1e8, 1e9, 1e10].map((size) => usualLearningRate(name, size));
    expect(rates).toEqual(rates.toSorted((a, b) => b - a));
    expect(Math.min(...rates)).toBeGreaterThan(0);
  });
});
