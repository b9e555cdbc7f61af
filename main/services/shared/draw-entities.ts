import { z } from 'zod';
import { drawSettingsSchema } from '../../engine/diffusion/draw-settings.ts';
import { drawAnswerSchema, mostDrawn, wantedPictureSchema } from '../../trainer/protocol/draw-schema.ts';
import { mostArms } from '../../trainer/protocol/generate-schema.ts';

/** What the window and the command line ask models that draw. Pure, as entities.ts. */

const id = z.string().min(1);

export const drawRequestSchema = z.strictObject({
  modelId: id, // id or name
  /** Who draws: null is the model itself, anything else an adapter on it, by id or name. */
  arms: z.array(id.nullable()).min(1).max(mostArms),
  /** Of every arm. */
  wanted: z.array(wantedPictureSchema).min(1).max(mostDrawn),
  settings: drawSettingsSchema.prefault({}),
  /** By which its progress is told, and it can be stopped. */
  job: z.string().min(1).max(100).optional(),
});

export const drawingSchema = drawAnswerSchema;

export type DrawRequest = z.output<typeof drawRequestSchema>;
export type DrawRequestInput = z.input<typeof drawRequestSchema>;
export type Drawing = z.output<typeof drawingSchema>;
