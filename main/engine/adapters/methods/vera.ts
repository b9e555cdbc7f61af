import { z } from 'zod';
import { dropoutField, rankField, targetingFields } from '../description/targeting.ts';
import { defineMethod, loraDescription } from './method.ts';

export const vera = defineMethod({
  name: 'vera',
  title: 'VeRA',
  summary: 'One frozen random pair for all layers; each trains two vectors that scale its rows.',
  source: 'arXiv 2310.11454',
  schema: z.strictObject({
    method: z.literal('vera'),
    rank: rankField.default(256),
    /** What the vector between the pair starts at; the other starts at zero. */
    initial: z.number().default(0.1),
    dropout: dropoutField,
    ...targetingFields,
  }),
  rankSetting: null,
  learningRate: { millions: 5e-2, billions: 4e-3 },
  peft: { type: 'VERA' },
  describe: ({ rank, initial, dropout }) => {
    const plain = loraDescription({ rank, alpha: 1, rankPattern: {}, alphaPattern: {}, dropout }, 'alpha');
    // Of gain sqrt(2), as PEFT draws this pair: six times LoRA's variance.
    const kaiming = { kind: 'kaiming', slope: 0 } as const;
    return {
      ...plain,
      outer: {
        ...plain.outer,
        initialisation: { a: kaiming, b: kaiming, source: null },
        trained: { a: false, b: false },
        shared: true,
      },
      diagonals: {
        rank: { name: 'lambda_d', start: { kind: 'constant', value: initial } },
        output: { name: 'lambda_b', start: { kind: 'zeros' } },
      },
    };
  },
});
