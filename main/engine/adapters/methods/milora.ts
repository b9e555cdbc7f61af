import { z } from 'zod';
import { loraFields } from '../description/targeting.ts';
import { defineMethod, plainDecomposition, residualDescription } from './method.ts';

export const milora = defineMethod({
  name: 'milora',
  title: 'MiLoRA',
  summary: 'LoRA that starts as the smallest singular triplets of the weight, to leave the main ones alone.',
  source: 'arXiv 2406.09044',
  schema: z.strictObject({ method: z.literal('milora'), ...loraFields }),
  rankSetting: 'rank',
  learningRate: { millions: 5e-3, billions: 3e-4 },
  peft: null,
  describe: (settings) => residualDescription(settings, { ...plainDecomposition, triplets: 'smallest' }),
});
