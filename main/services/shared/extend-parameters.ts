import { z } from 'zod';
import { trainingOverridesSchema } from '../../engine/train/settings/training-overrides.ts';

const { schedule, learningRate, warmupSteps, evaluateEvery } = trainingOverridesSchema.shape;

/** How a run goes on from another. Pure: it runs in a browser too. */
export const extendParameters = z.strictObject({
  id: z.string().min(1),
  /** More steps. */
  steps: z.int().min(1).max(10_000_000),
  schedule,
  learningRate,
  warmupSteps,
  evaluateEvery,
});

export type ExtendParameters = z.output<typeof extendParameters>;
