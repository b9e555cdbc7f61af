import { z } from 'zod';
import { drawSettingsSchema, pictureSeedSchema } from '../../engine/diffusion/draw-settings.ts';
import { classifySpecificationSchema } from './classify-schema.ts';

/** Pictures of a question, those of all arms together, at most: they come with the answer. */
export const mostDrawn = 64;

/** A diffusion model with the adapters that draw beside each other on one copy of it. Paths are absolute. */
export const drawSpecificationSchema = classifySpecificationSchema;

export const wantedPictureSchema = z.strictObject({
  prompt: z.string().max(10_000),
  seed: pictureSeedSchema,
});

export const drawQuestionSchema = z.strictObject({
  kind: z.literal('draw'),
  /** Which of the session's arms draw, from 0. */
  arms: z.array(z.int().min(0)).min(1),
  /** Of every arm. */
  wanted: z.array(wantedPictureSchema).min(1).max(mostDrawn),
  settings: drawSettingsSchema,
  /** What the files of the pictures call the model and the arms. */
  names: z.strictObject({ model: z.string(), arms: z.array(z.string()).min(1) }),
});

export const drawAnswerSchema = z.strictObject({
  /** In pixels, of each. */
  width: z.int(),
  height: z.int(),
  /** By arm, then by what was wanted: PNG files in base64, which say how they were drawn. */
  pictures: z.array(z.array(z.string())),
  /** All of them on one sheet, the arms beside each other; null of a single one. */
  sheet: z.string().nullable(),
  notices: z.array(z.string()),
  seconds: z.number(),
});

export type DrawSpecification = z.output<typeof drawSpecificationSchema>;
export type DrawQuestion = z.output<typeof drawQuestionSchema>;
export type DrawAnswer = z.output<typeof drawAnswerSchema>;
