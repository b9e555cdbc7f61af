import { z } from 'zod';
import { loraFields } from '../description/targeting.ts';
import { defineMethod, loraDescription } from './method.ts';

export const lora = defineMethod({
  name: 'lora',
  title: 'LoRA',
  summary: 'A pair of low-rank factors beside each weight, both trained.',
  source: 'arXiv 2106.09685',
  schema: z.strictObject({ method: z.literal('lora'), ...loraFields }),
  rankSetting: 'rank',
  learningRate: { millions: 5e-3, billions: 2e-4 },
  peft: { type: 'LORA' },
  describe: loraDescription,
});
