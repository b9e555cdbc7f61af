import { z } from 'zod';
import { loraFields } from '../description/targeting.ts';
import { defineMethod, loraDescription } from './method.ts';

export const loraplus = defineMethod({
  name: 'loraplus',
  title: 'LoRA+',
  summary: 'LoRA with a larger learning rate for B than for A.',
  source: 'arXiv 2402.12354',
  schema: z.strictObject({
    method: z.literal('loraplus'),
    ...loraFields,
    /** Learning rate of B, in units of A's. */
    learningRateRatio: z.number().positive().max(1000).default(16),
  }),
  rankSetting: 'rank',
  learningRate: { millions: 2e-3, billions: 5e-5 },
  peft: { type: 'LORA' },
  describe: ({ learningRateRatio, ...settings }) => ({ ...loraDescription(settings), learningRateRatio }),
});
