import { z } from 'zod';
import { loraFields } from '../description/targeting.ts';
import { defineMethod, loraDescription } from './method.ts';

export const lorafa = defineMethod({
  name: 'lorafa',
  title: 'LoRA-FA',
  summary:
    'LoRA with A frozen as drawn; B takes the step that brings the weight closest to the full gradient.',
  source: 'arXiv 2308.03303',
  schema: z.strictObject({ method: z.literal('lorafa'), ...loraFields }),
  rankSetting: 'rank',
  learningRate: { millions: 1e-2, billions: 5e-4 },
  peft: { type: 'LORA' },
  describe: (settings) => {
    const plain = loraDescription(settings);
    return {
      ...plain,
      outer: { ...plain.outer, trained: { a: false, b: true } },
      rules: [{ kind: 'precondition-b' }],
    };
  },
});
