import { describe, expect, it } from 'vitest';
import { trainedParameters } from '../../../main/engine/adapters/layer/parameter-count.ts';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { withTrainedParameters } from '../../../main/engine/budgets/equal-size.ts';

/** SmolLM2-135M's layers. */
const model = {
  parameters: 134_515_008,
  targetModules: [
    { name: 'q_proj', count: 30, outFeatures: 576, inFeatures: 576 },
    { name: 'k_proj', count: 30, outFeatures: 192, inFeatures: 576 },
    { name: 'v_proj', count: 30, outFeatures: 192, inFeatures: 576 },
    { name: 'o_proj', count: 30, outFeatures: 576, inFeatures: 576 },
    { name: 'gate_proj', count: 30, outFeatures: 1536, inFeatures: 576 },
    { name: 'up_proj', count: 30, outFeatures: 1536, inFeatures: 576 },
    { name: 'down_proj', count: 30, outFeatures: 576, inFeatures: 1536 },
  ],
};
const settings = (given: object) => adapterSettingsSchema.parse(given);
const size = (given: object): number => trainedParameters(model, settings(given));

describe('an arm of equal size', () => {
  it('is of the rank that comes nearest, with the scaling as it was', () => {
    const nora = { method: 'nora', outerRank: 128, innerRank: 16 };
    expect(size(nora)).toBe(860_160);
    const target = size(nora);
    const matched = withTrainedParameters(settings({ method: 'lora', rank: 16, alpha: 32 }), target, model);
    expect(matched).toMatchObject({ rank: 3, alpha: 6 });
    const off = (rank: number): number => Math.abs(size({ method: 'lora', rank }) - target);
    expect(off(3)).toBeLessThan(Math.min(off(2), off(4)));
    expect(withTrainedParameters(matched!, target, model)).toEqual(matched);
  });

  it('moves the inner rank of NoRA, in a moment', () => {
    const started = performance.now();
    const target = size({ method: 'lora', rank: 1 });
    const matched = withTrainedParameters(settings({ method: 'nora', outerRank: 128 }), target, model);
    expect(Math.abs(trainedParameters(model, matched!) / target - 1)).toBeLessThan(0.1);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('is none while a number is being typed, and where no rank is left to move', () => {
    const lora = settings({ method: 'lora' });
    expect(withTrainedParameters(lora, Number.NaN, model)).toBeUndefined();
    expect(withTrainedParameters(lora, 0, model)).toBeUndefined();
    expect(
      withTrainedParameters(Object.assign(settings({ method: 'lora' }), { alpha: Number.NaN }), 1000, model),
    ).toBeUndefined();
    expect(withTrainedParameters(settings({ method: 'full' }), 1000, model)).toBeUndefined();
    expect(
      withTrainedParameters(settings({ method: 'lora', targetModules: ['no_such'] }), 1000, model),
    ).toBeUndefined();
  });
});
