import { z } from 'zod';
import { loraFields } from '../description/targeting.ts';
import { defineMethod, loraDescription } from './method.ts';

export const rslora = defineMethod({
  name: 'rslora',
  title: 'rsLoRA',
  summary: 'LoRA scaled by alpha / sqrt(rank), so that large ranks still learn.',
  source: 'arXiv 2312.03732',
  schema: z.strictObject({ method: z.literal('rslora'), ...loraFields }),
  rankSetting: 'rank',
  learningRate: { millions: 5e-3, billions: 1e-4 },
  peft: { type: 'LORA', flags: { use_rslora: true } },
  describe: (settings) => loraDescription(settings, 'sqrt-rank'),
});
