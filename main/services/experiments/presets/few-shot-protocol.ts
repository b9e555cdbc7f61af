import type { PresetInput } from './preset.ts';

/** What CLIP-LoRA and the code that was made of it have alike: AdamW, a cosine down to 1e-6, nothing clipped, one measurement at the end. */
export const fewShotTraining = {
  schedule: 'cosine',
  finalLearningRate: 1e-6,
  warmupSteps: 0,
  weightDecay: 0.01,
  weightDecayOn: 'all',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  maxGradientNorm: null,
  labelSmoothing: 0,
  gradientAccumulation: 1,
  evaluateEvery: 0,
  evaluationBatches: null,
  keepBest: false,
  baseFormat: 'fp32',
  pictures: {
    shots: 16,
    template: 'a photo of a {}.',
    views: 'random',
    centre: 'even',
    epochEnd: 'small-batch',
  },
} as const satisfies PresetInput['training'];

/** Queries, keys and values of every layer of both towers. */
export const fewShotTargets = { targetModules: ['q_proj', 'k_proj', 'v_proj'] };

/** What is not as in that code, of whatever is trained by it. */
export const fewShotNotes = [
  'The code trains in 16 bits (autocast with a scaler of gradients); here everything is computed in 32.',
  "The code multiplies similarities by 100; here it is the model's own logit scale, which is 100 in OpenAI's files.",
  'The code draws pictures of a class that has too few more than once; here such a class is refused by name.',
  'Shots are drawn picture by picture as in the code. Crops, mirrors, dropout and the order of pictures follow its rules from another generator, so a run is one of the same distribution and not the same run.',
] as const;
