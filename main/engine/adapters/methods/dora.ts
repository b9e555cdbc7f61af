import { z } from 'zod';
import { loraFields } from '../description/targeting.ts';
import { defineMethod, loraDescription } from './method.ts';

export const dora = defineMethod({
  name: 'dora',
  title: 'DoRA',
  summary: 'LoRA for the direction of each row of the weight, and a trained vector for its length.',
  source: 'arXiv 2402.09353',
  schema: z.strictObject({ method: z.literal('dora'), ...loraFields }),
  rankSetting: 'rank',
  learningRate: { millions: 5e-3, billions: 2e-4 },
  peft: { type: 'LORA', flags: { use_dora: true } },
  describe: (settings) => ({ ...loraDescription(settings), magnitude: true }),
});
