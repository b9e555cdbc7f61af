import { z } from 'zod';
import { loraFields } from '../description/targeting.ts';
import { defineMethod, fromSource, loraDescription, plainDecomposition } from './method.ts';

export const mica = defineMethod({
  name: 'mica',
  title: 'MiCA',
  summary:
    'LoRA whose B is frozen as the directions that the weight makes least of: only A is trained, and what the model does is left alone.',
  source: 'arXiv 2604.01694',
  schema: z.strictObject({ method: z.literal('mica'), ...loraFields }),
  rankSetting: 'rank',
  learningRate: { millions: 1e-2, billions: 5e-4 },
  peft: { type: 'LORA', flags: { init_lora_weights: 'mica' } },
  describe: (settings) => {
    const plain = loraDescription(settings);
    return {
      ...plain,
      outer: {
        ...plain.outer,
        initialisation: {
          a: { kind: 'zeros' },
          b: fromSource,
          source: { ...plainDecomposition, triplets: 'smallest', split: 'dropped', descaled: false },
        },
        trained: { a: true, b: false },
      },
    };
  },
});
