import { z } from 'zod';
import { drawSettingsSchema, pictureSeedSchema } from '../../diffusion/draw-settings.ts';

/** Pictures that a run draws at a time, at most: each takes as long as a picture takes. */
export const mostDrawnSamples = 16;

/**
 * What a run draws while it trains, to be looked at beside its curves: every prompt from every seed, on the same noise each time. Training does
 * not depend on any of it. Texts are encoded as the run's own captions are (training.diffusion.clipSkip).
 */
export const drawnSampleSettingsSchema = z
  .strictObject({
    prompts: z.array(z.string().regex(/\S/, 'a prompt is empty').max(10_000)).min(1),
    seeds: z.array(pictureSeedSchema).min(1).default([0]),
    /** Pictures every so many steps; 0 only before the first and after the last. */
    every: z.int().min(0).default(0),
    ...drawSettingsSchema.omit({ clipSkip: true }).shape,
  })
  .superRefine(({ prompts, seeds }, context) => {
    const count = prompts.length * seeds.length;
    if (count > mostDrawnSamples)
      context.addIssue({
        code: 'custom',
        path: ['prompts'],
        message: `${prompts.length} prompts from ${seeds.length} seeds make ${count} pictures; a run draws ${mostDrawnSamples} at a time at most`,
      });
  });

export type DrawnSampleSettings = z.output<typeof drawnSampleSettingsSchema>;

/** What is drawn each time, in its order: the prompts, each from all seeds. */
export const wantedSamples = ({
  prompts,
  seeds,
}: Pick<DrawnSampleSettings, 'prompts' | 'seeds'>): { readonly prompt: string; readonly seed: number }[] =>
  prompts.flatMap((prompt) => seeds.map((seed) => ({ prompt, seed })));
