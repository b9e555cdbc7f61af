import { z } from 'zod';
import { loraFields } from '../description/targeting.ts';
import { defineMethod, plainDecomposition, residualDescription } from './method.ts';

export const pissa = defineMethod({
  name: 'pissa',
  title: 'PiSSA',
  summary: 'LoRA that starts as the largest singular triplets of the weight; the base keeps the rest.',
  source: 'arXiv 2404.02948',
  schema: z.strictObject({
    method: z.literal('pissa'),
    ...loraFields,
    decomposition: z.enum(['exact', 'randomized']).default('exact'),
  }),
  rankSetting: 'rank',
  learningRate: { millions: 2e-3, billions: 2e-5 },
  peft: { type: 'LORA', flags: { init_lora_weights: 'pissa' } },
  describe: ({ decomposition, ...settings }) =>
    residualDescription(settings, { ...plainDecomposition, decomposition }),
});
