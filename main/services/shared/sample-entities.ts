import { z } from 'zod';
import { sampleSchema } from '../../trainer/protocol/sample-schema.ts';

const id = z.string().min(1);

/** What runs wrote while they trained. Pure: it runs in a browser too. */
export const runSamplesParameters = z.strictObject({
  /** Side by side. */
  ids: z.array(id).min(1).max(8),
  /** Which of the prompts that they have, from 0; none where there is none such. */
  prompt: z.int().min(0).default(0),
  /** Only steps before this one. */
  before: z.int().min(0).optional(),
  limit: z.int().min(1).max(50).default(20),
});

export const runSamplesSchema = z.strictObject({
  /** Of any of the runs, each once, in their order. */
  prompts: z.array(sampleSchema.pick({ prompt: true, expected: true })),
  /** The last ones of those asked for, the first of them first; a run that wrote nothing then is missing. */
  steps: z.array(
    z.strictObject({
      step: z.int(),
      texts: z.array(
        z.strictObject({ runId: id, ...sampleSchema.pick({ text: true, finish: true, tokens: true }).shape }),
      ),
    }),
  ),
  /** Whether there are steps before the first of these. */
  hasEarlier: z.boolean(),
});

export type RunSamples = z.output<typeof runSamplesSchema>;
