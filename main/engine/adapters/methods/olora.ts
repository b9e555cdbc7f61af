import { z } from 'zod';
import { loraFields } from '../description/targeting.ts';
import { defineMethod, residualDescription } from './method.ts';

export const olora = defineMethod({
  name: 'olora',
  title: 'OLoRA',
  summary:
    'LoRA that starts from the QR decomposition of the weight, with an orthonormal B; the base keeps the rest.',
  source: 'arXiv 2406.01775',
  schema: z.strictObject({ method: z.literal('olora'), ...loraFields }),
  rankSetting: 'rank',
  learningRate: { millions: 2e-3, billions: 2e-4 },
  peft: { type: 'LORA', flags: { init_lora_weights: 'olora' } },
  describe: (settings) => residualDescription(settings, { kind: 'qr' }),
});
