import { z } from 'zod';

/** A picture that a run drew, or why it couldn't. */
export const drawnSampleSchema = z.strictObject({
  /** Among the run's, from 0: the prompts in their order, each from all seeds. */
  position: z.int().min(0),
  prompt: z.string(),
  seed: z.int().min(0),
  /** A PNG, below the run's folder with `/`, and its hash in hexadecimal; null where it could not be drawn. */
  file: z.string().nullable(),
  sha256: z.string().nullable(),
  /** Why there is no file; null where there is one. */
  problem: z.string().nullable(),
});

/** Drawn with the adapter as it was after so many optimizer steps; before the first, by the model itself. */
export const picturesEventSchema = z.strictObject({
  type: z.literal('pictures'),
  step: z.int(),
  pictures: z.array(drawnSampleSchema),
});

export type DrawnSample = z.output<typeof drawnSampleSchema>;
