import { z } from 'zod';

/** Texts that a run writes at each evaluation, at most: they are there to be read. */
export const mostSamples = 8;

/**
 * What a run writes while it trains, to be read beside its curves. Prompts are formed as rows of the data are: a user's turn where these are chats,
 * the text itself elsewhere. Training does not depend on any of it.
 */
export const sampleSettingsSchema = z
  .strictObject({
    prompts: z.array(z.string().regex(/\S/, 'a prompt is empty').max(20_000)).default([]),
    /** Behind them the prompts of so many held-out rows, the first ones. */
    heldOut: z.int().min(0).max(mostSamples).default(0),
    /** New tokens of each text at most. */
    maximumTokens: z.int().min(1).max(1024).default(64),
    /** 0 takes the likeliest token each time; otherwise it is drawn, from the seed. */
    temperature: z.number().min(0).max(2).default(0),
    seed: z.int().min(0).max(4_294_967_295).default(0),
  })
  .superRefine(({ prompts, heldOut }, context) => {
    const count = prompts.length + heldOut;
    if (count === 0)
      context.addIssue({
        code: 'custom',
        path: ['prompts'],
        message: 'give a prompt, or the number of held-out rows whose prompts are taken',
      });
    if (count > mostSamples)
      context.addIssue({
        code: 'custom',
        path: [heldOut === 0 ? 'prompts' : 'heldOut'],
        message:
          heldOut === 0
            ? `there are ${count} prompts; a run writes ${mostSamples} samples at most`
            : `with the prompts that are given it makes ${count}; a run writes ${mostSamples} samples at most`,
      });
  });

export type SampleSettings = z.output<typeof sampleSettingsSchema>;
