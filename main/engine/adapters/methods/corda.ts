import { z } from 'zod';
import { calibrationFields, loraFields } from '../description/targeting.ts';
import { calibrationData, defineMethod, plainDecomposition, residualDescription } from './method.ts';

export const corda = defineMethod({
  name: 'corda',
  title: 'CorDA',
  summary:
    'LoRA that starts from the weight decomposed along the covariance of its inputs; the base keeps the rest.',
  source: 'arXiv 2406.05223',
  schema: z.strictObject({
    method: z.literal('corda'),
    ...loraFields,
    /** 'ipm' takes the main directions, to learn the task; 'kpm' the least ones, to keep what the model knows. */
    mode: z.enum(['ipm', 'kpm']).default('ipm'),
    ...calibrationFields,
  }),
  rankSetting: 'rank',
  learningRate: { millions: 2e-3, billions: 2e-5 },
  peft: { type: 'LORA' },
  describe: ({ mode, ...settings }) =>
    residualDescription(settings, {
      ...plainDecomposition,
      matrix: { kind: 'covariance' },
      triplets: mode === 'ipm' ? 'largest' : 'smallest',
      calibration: calibrationData(settings),
    }),
});
