import { z } from 'zod';
import { defineMethod, loraDescription } from './method.ts';

export const full = defineMethod({
  name: 'full',
  title: 'Full fine-tuning',
  summary: 'All weights are trained: the upper reference, at many times the memory.',
  source: '',
  schema: z.strictObject({ method: z.literal('full') }),
  rankSetting: null,
  learningRate: { millions: 1e-3, billions: 2e-5 },
  peft: null,
  // Of no layers: without target modules an adapter sits on none, and every weight is trained.
  describe: () => loraDescription({ rank: 1, alpha: 1, rankPattern: {}, alphaPattern: {}, dropout: 0 }),
});
