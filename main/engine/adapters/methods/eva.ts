import { z } from 'zod';
import { loraFields } from '../targeting.ts';
import { defineMethod, loraDescription } from './method.ts';

export const eva = defineMethod({
  name: 'eva',
  title: 'EVA',
  summary:
    "LoRA whose A starts as the main directions of each layer's input, with more rank where they explain more.",
  source: 'arXiv 2410.07170',
  schema: z.strictObject({
    method: z.literal('eva'),
    ...loraFields,
    /** A layer gets at most so many times the rank; 1 keeps them equal. */
    rho: z.number().min(1).max(64).default(2),
    calibrationBatches: z.int().min(1).max(4096).default(8),
  }),
  rankSetting: 'rank',
  peft: { type: 'LORA' },
  describe: ({ rho, calibrationBatches, ...settings }) => {
    const plain = loraDescription(settings);
    return {
      ...plain,
      outer: { ...plain.outer, initialisation: { kind: 'principal', rho, calibrationBatches } },
    };
  },
});
