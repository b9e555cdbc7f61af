import { z } from 'zod';
import { filterNames } from '../resample/filter-names.ts';

/** How training sees pictures that a model is to draw. Pure: forms ask it too. */

/** A model's latents are eighths of a side, and its U-Net halves them three times. */
export const coarsest = 64;

const sideSchema = z.int().min(coarsest).max(4096).multipleOf(8);

/** Sizes by aspect, as kohya's trainers make them. */
export const bucketSettingsSchema = z
  .strictObject({
    /** Sides are multiples of it. */
    step: z.int().min(8).max(512).multipleOf(8).default(64),
    /** Of a side, in pixels. */
    smallest: sideSchema.default(256),
    largest: sideSchema.default(1024),
    /** Smaller pictures are enlarged; otherwise their buckets are as small as they are. */
    upscale: z.boolean().default(true),
  })
  .refine(({ smallest, largest }) => smallest <= largest, {
    path: ['largest'],
    message: 'must not be less than smallest',
  });

export const framingSchema = z.strictObject({
  /** In pixels: the side of a square, and with buckets the root of their area. */
  resolution: sideSchema.default(512),
  /** By which pictures are resized: Pillow's, by its names. */
  filter: z.enum(filterNames).default('lanczos'),
  /** Which part of what was resized is seen. */
  crop: z.enum(['centre', 'random']).default('centre'),
  /** Whether left and right are exchanged every other time. */
  flip: z.boolean().default(false),
  /** Null for squares, as diffusers' scripts train. */
  buckets: bucketSettingsSchema.nullable().default(null),
});

export type BucketSettings = z.output<typeof bucketSettingsSchema>;
export type Framing = z.output<typeof framingSchema>;
