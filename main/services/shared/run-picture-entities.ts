import { z } from 'zod';
import { drawnSampleSchema } from '../../trainer/protocol/drawn-sample-schema.ts';

const id = z.string().min(1);

/** What runs drew while they trained. Pure: it runs in a browser too. */
export const runPicturesParameters = z.strictObject({
  /** Side by side. */
  ids: z.array(id).min(1).max(8),
  /** Which of the prompts and seeds that they have, from 0; nothing is told where there is none such. */
  asked: z.int().min(0).default(0),
});

const pictureShape = drawnSampleSchema.pick({ position: true, file: true, problem: true }).shape;

export const runPicturesSchema = z.strictObject({
  /** Of any of the runs, each once, in their order. */
  asked: z.array(drawnSampleSchema.pick({ prompt: true, seed: true })),
  /** In their order; a run that drew nothing then is missing. All of them were drawn from the same noise. */
  steps: z.array(
    z.strictObject({
      step: z.int(),
      pictures: z.array(z.strictObject({ runId: id, ...pictureShape })),
    }),
  ),
});

/** One of a run's pictures. */
export const runPictureParameters = z.strictObject({ id, step: z.int().min(0), position: z.int().min(0) });

export const runPictureSchema = z.strictObject({
  /** The PNG in base64. */
  data: z.string(),
  /** In pixels. */
  width: z.int(),
  height: z.int(),
  /** Where it lies. */
  targetPath: z.string(),
});

export type RunPictures = z.output<typeof runPicturesSchema>;
export type RunPicture = z.output<typeof runPictureSchema>;
