import { z } from 'zod';
import { drawSettingsSchema, pictureSeedSchema } from '../../diffusion/draw-settings.ts';

/** Pictures of the class that a run draws, at most: they are held in memory while it prepares and trains. */
export const mostDrawnOfClass = 1000;

/**
 * How a run draws pictures of the class: each of the class's prompt, from seeds that follow each other. They do not depend on the run's seed, so
 * all arms and seeds train on the same ones. Texts are encoded as captions are (training.diffusion.clipSkip).
 */
export const classDrawingSchema = z.strictObject({
  /** Of the first picture; the next has the next. */
  seed: pictureSeedSchema.default(0),
  ...drawSettingsSchema.omit({ clipSkip: true }).shape,
});

export type ClassDrawing = z.output<typeof classDrawingSchema>;
