import { z } from 'zod';
import { loraFields } from '../description/targeting.ts';
import { defineMethod, fromSource, loraDescription, plainDecomposition } from './method.ts';

export const loraxs = defineMethod({
  name: 'loraxs',
  title: 'LoRA-XS',
  summary: 'A trained r x r matrix between frozen singular vectors of the weight: very few parameters.',
  source: 'arXiv 2405.17604',
  schema: z.strictObject({
    method: z.literal('loraxs'),
    ...loraFields,
    rank: loraFields.rank.unwrap().default(64),
    alpha: loraFields.alpha.unwrap().default(64),
    decomposition: z.enum(['exact', 'randomized']).default('exact'),
  }),
  rankSetting: 'rank',
  learningRate: { millions: 1e-2, billions: 2e-3 },
  peft: null,
  describe: ({ decomposition, ...settings }) => {
    const plain = loraDescription(settings);
    const almostZero = { kind: 'normal', deviation: 1e-5 } as const;
    return {
      ...plain,
      outer: {
        ...plain.outer,
        initialisation: {
          a: fromSource,
          b: fromSource,
          source: { ...plainDecomposition, split: 'a', descaled: false, decomposition },
        },
        trained: { a: false, b: false },
      },
      inner: { structure: 'dense-core', rank: null, start: { first: almostZero, second: almostZero } },
    };
  },
});
