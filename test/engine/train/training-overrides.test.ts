import { describe, expect, test } from 'vitest';
import {
  overriddenTraining,
  trainingOverridesSchema,
} from '../../../main/engine/train/settings/training-overrides.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';

const settings = trainingSettingsSchema.parse({ steps: 10, warmupSteps: 2, learningRate: 0.1 });

describe('training settings in the place of others', () => {
  test('have no defaults: what is absent stays as it was', () => {
    expect(trainingOverridesSchema.parse({})).toEqual({});
    expect(overriddenTraining(settings, {})).toEqual(settings);
    expect(overriddenTraining(settings)).toEqual(settings);
  });

  test('replace one by one, null too', () => {
    const overrides = trainingOverridesSchema.parse({ learningRate: 0.2, maxGradientNorm: null });
    expect(overriddenTraining(settings, overrides)).toEqual({
      ...settings,
      learningRate: 0.2,
      maxGradientNorm: null,
    });
  });

  test('a length replaces any other, and a warmup that of the other kind', () => {
    const { steps: _, ...rest } = settings;
    expect(overriddenTraining(settings, { epochs: 2, warmupRatio: 0.1 })).toEqual({
      ...rest,
      epochs: 2,
      warmupSteps: 0,
      warmupRatio: 0.1,
    });
  });

  test('are held to the rules of all settings', () => {
    expect(() => trainingOverridesSchema.parse({ learningRate: -1 })).toThrow();
    expect(() => trainingOverridesSchema.parse({ rate: 1 })).toThrow();
    expect(() => overriddenTraining(settings, { keepBest: true })).toThrow(/evaluateEvery/);
  });
});
