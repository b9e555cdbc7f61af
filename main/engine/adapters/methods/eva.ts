import { z } from 'zod';
import { calibrationFields, loraFields } from '../description/targeting.ts';
import { calibrationData, defineMethod, fromSource, loraDescription } from './method.ts';

export const eva = defineMethod({
  name: 'eva',
  title: 'EVA',
  summary:
    "LoRA whose A starts as the main directions of the layer's inputs; ranks go to the layers whose inputs they explain best.",
  source: 'arXiv 2410.07170',
  schema: z.strictObject({
    method: z.literal('eva'),
    ...loraFields,
    /** A layer gets at most so many times the rank; 1 leaves all ranks as they are. */
    rho: z.number().min(1).max(1000).default(2),
    /** Tokens whose activations count: those that are to be predicted (PEFT's use_label_mask), or all. */
    tokens: z.enum(['labelled', 'all']).default('labelled'),
    ...calibrationFields,
  }),
  rankSetting: 'rank',
  learningRate: { millions: 5e-3, billions: 2e-4 },
  peft: { type: 'LORA', flags: { init_lora_weights: 'eva' } },
  settled: { rho: 1 },
  describe: ({ rho, tokens, ...settings }) => {
    const plain = loraDescription(settings);
    return {
      ...plain,
      outer: {
        ...plain.outer,
        rank: { ...plain.outer.rank, sharedUpTo: rho > 1 ? rho : null },
        initialisation: {
          a: fromSource,
          b: { kind: 'zeros' },
          source: { kind: 'principal-components', calibration: calibrationData(settings, tokens) },
        },
      },
    };
  },
});
