import { z } from 'zod';
import { loraFields } from '../description/targeting.ts';
import { defineMethod, loraDescription } from './method.ts';

const steps = z.int().min(0);
const share = z.number().min(0).lt(1);

export const adalora = defineMethod({
  name: 'adalora',
  title: 'AdaLoRA',
  summary: 'B diag(E) A: starts with more rank than it keeps, and takes from each layer what matters least.',
  source: 'arXiv 2303.10512',
  schema: z.strictObject({
    method: z.literal('adalora'),
    ...loraFields,
    /** Before anything is taken away (PEFT's init_r). */
    rank: loraFields.rank.unwrap().default(12),
    /** On average at the end (target_r). */
    targetRank: z.int().min(1).default(8),
    /** Steps before the first is taken away (tinit), after the last is (tfinal), and from one to the next (deltaT). */
    initialSteps: steps.default(0),
    finalSteps: steps.default(0),
    everySteps: z.int().min(1).default(1),
    beta1: share.default(0.85),
    beta2: share.default(0.85),
    orthogonality: z.number().min(0).default(0.5),
  }),
  rankSetting: 'rank',
  learningRate: { millions: 3e-2, billions: 1e-3 },
  peft: { type: 'ADALORA' },
  describe: ({
    targetRank,
    initialSteps,
    finalSteps,
    everySteps,
    beta1,
    beta2,
    orthogonality,
    ...settings
  }) => {
    const plain = loraDescription(settings, 'rank-and-epsilon');
    const normal = { kind: 'normal', deviation: 0.02 } as const;
    return {
      ...plain,
      outer: { ...plain.outer, initialisation: { a: normal, b: normal, source: null } },
      diagonals: { rank: { name: 'lora_E', start: { kind: 'zeros' } }, output: null },
      rules: [
        { kind: 'orthogonality', weight: orthogonality },
        { kind: 'rank-allocation', targetRank, initialSteps, finalSteps, everySteps, beta1, beta2 },
      ],
    };
  },
});
