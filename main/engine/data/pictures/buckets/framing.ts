import { z } from 'zod';
import { filterNames } from '../resample/filter-names.ts';

/** How training sees pictures that a model is to draw. Pure: forms ask it too. */

const pixels = z.int().min(8).max(4096).multipleOf(8);

/** One size for all pictures: a number is the side of a square, and with buckets the root of their area. In pixels. */
export const resolutionSchema = z.union([pixels, z.strictObject({ width: pixels, height: pixels })]);

/** Sizes by aspect, as kohya's trainers make them. */
export const bucketSettingsSchema = z.strictObject({
  /** Sides are multiples of it. */
  step: pixels.default(64),
  /** Of a side. */
  smallest: pixels.default(256),
  largest: pixels.default(1024),
  /** Whether a picture that is smaller is made larger; otherwise it keeps its size, cut to the step. */
  upscale: z.boolean().default(true),
});

/** Fields of a run's settings that say how its pictures are framed. */
export const framingShape = {
  resolution: resolutionSchema.default(512),
  /** By which pictures are resized: Pillow's, by its names. */
  filter: z.enum(filterNames).default('lanczos'),
  /** Which part of what was resized is seen, and drawn anew each time where it is random. */
  crop: z.enum(['centre', 'random']).default('centre'),
  /** Whether left and right are exchanged every other time, by chance. Not for a subject with writing on it, or a side of its own. */
  flip: z.boolean().default(false),
  /** Sizes by aspect; null for squares, as diffusers' scripts train. */
  buckets: bucketSettingsSchema.nullable().default(null),
};
export const framingSchema = z.strictObject(framingShape);

export type Resolution = z.output<typeof resolutionSchema>;
export type BucketSettings = z.output<typeof bucketSettingsSchema>;
export type Framing = z.output<typeof framingSchema>;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What a resolution comes to without buckets. */
export const sizeOfResolution = (resolution: Resolution): Size =>
  typeof resolution === 'number' ? { width: resolution, height: resolution } : resolution;

/** The root of its area, which buckets go by. */
export const rootOfArea = (resolution: Resolution): number => {
  const { width, height } = sizeOfResolution(resolution);
  return width === height ? width : Math.sqrt(width * height);
};
