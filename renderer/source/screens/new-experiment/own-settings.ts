import type { TrainingSettings } from '../../../../main/api/contract.ts';

/** Settings of how a run trains that a configuration can have for itself, with what they are called. Its learning rate has its own field. */
export const ownSettings = {
  steps: 'Steps',
  batchSize: 'Batch size',
  gradientAccumulation: 'Gradient accumulation',
  warmupSteps: 'Warmup steps',
  warmupRatio: 'Warmup ratio',
  weightDecay: 'Weight decay',
  labelSmoothing: 'Label smoothing',
  neftuneAlpha: 'NEFTune α',
  maxGradientNorm: 'Gradient clipping',
} as const satisfies { readonly [S in keyof TrainingSettings]?: string };

export type OwnSetting = keyof typeof ownSettings;
export const ownSettingNames = Object.keys(ownSettings) as OwnSetting[];
