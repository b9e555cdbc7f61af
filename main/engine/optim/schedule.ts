import { invalidInput } from '../errors.ts';

export interface ScheduleSettings {
  readonly schedule: 'constant' | 'linear' | 'cosine';
  readonly warmupSteps: number;
  readonly steps: number;
  readonly learningRate: number;
  /** What the rate falls to; 0 where absent. */
  readonly finalLearningRate?: number;
}

const decays: { readonly [S in ScheduleSettings['schedule']]: (progress: number) => number } = {
  constant: () => 1,
  linear: (progress) => 1 - progress,
  cosine: (progress) => (1 + Math.cos(Math.PI * progress)) / 2,
};

/**
 * The learning rate of optimizer step `step` (from 0), as transformers' schedulers with warmup give it: linear from 0 over the
 * warmup steps, then constant, or down to `finalLearningRate` behind the last step along a line or half a cosine (PyTorch's
 * CosineAnnealingLR with its eta_min).
 */
export const learningRateAt = (
  step: number,
  { schedule, warmupSteps, steps, learningRate, finalLearningRate = 0 }: ScheduleSettings,
): number => {
  if (step < warmupSteps) return (learningRate * step) / warmupSteps;
  const progress = (step - warmupSteps) / Math.max(1, steps - warmupSteps);
  return finalLearningRate + (learningRate - finalLearningRate) * decays[schedule](Math.min(1, progress));
};

/**
 * Steps of warmup: as many as are asked for, or a share of all, rounded up as in transformers.
 * @throws WorkbenchError where they are more than the run has
 */
export const warmupStepsOf = (
  { warmupSteps, warmupRatio }: { readonly warmupSteps: number; readonly warmupRatio: number },
  steps: number,
): number => {
  if (warmupSteps > steps)
    throw invalidInput(`training.warmupSteps: ${warmupSteps} is more than the ${steps} steps`);
  return warmupRatio > 0 ? Math.ceil(warmupRatio * steps) : warmupSteps;
};
