import { z } from 'zod';
import { invalidInput } from '../errors.ts';
import { sizeProblems } from './drawn-sides.ts';
import { longPrompts } from './long-prompts.ts';
import { samplerNames } from './samplers/samplers.ts';
import { spacings } from './spacing.ts';

/** A seed of pictures. */
export const pictureSeedSchema = z.int().min(0).max(0xffff_ffff);

const side = z.int().min(8).max(4096);

/** How pictures are drawn, whatever is on them. Pure: a browser can import this. */
export const drawSettingsSchema = z.strictObject({
  sampler: z.enum(samplerNames).default('dpm-solver++'),
  steps: z.int().min(1).max(1000).default(25),
  /** Which timesteps; null: as the model's scheduler has it, or what is usual for the sampler. */
  spacing: z.enum(spacings).nullable().default(null),
  /** Whether the steps are Karras'; null: as the model's scheduler has it. */
  karras: z.boolean().nullable().default(null),
  /** How far beyond what is drawn without the prompt, as a multiple of the way to what is drawn with it; 1 and less: the prompt alone. */
  guidance: z.number().min(0).max(100).default(7.5),
  /** In pixels; null: the model's own. */
  width: side.nullable().default(null),
  height: side.nullable().default(null),
  /** What shall not be on it; null: nothing is said, which some models were trained to see as no text at all. */
  negative: z.string().max(10_000).nullable().default(null),
  /** From which layer of the text encoders states are taken, as kohya counts: 1 is the last; null: the model's own. */
  clipSkip: z.int().min(1).max(12).nullable().default(null),
  /** What becomes of a prompt that its encoder can't take whole. */
  longPrompts: z.enum(longPrompts).default('cut'),
});

export type DrawSettings = z.output<typeof drawSettingsSchema>;

/** Whether the denoiser is asked without the prompt, too. */
export const isGuided = ({ guidance }: Pick<DrawSettings, 'guidance'>): boolean => guidance > 1;

/** Of a model: its latents have a side for so many pixels of a picture, and sides are multiples of `granularity`. */
export interface LatentShape {
  readonly channels: number;
  readonly pixels: number;
  readonly granularity: number;
}

/** Rows and columns of a picture's latents. @throws invalid-input where the model can't draw that size, with those nearest */
export const latentSize = (
  { pixels, granularity }: LatentShape,
  { width, height }: { readonly width: number; readonly height: number },
): { readonly rows: number; readonly columns: number } => {
  const [first] = sizeProblems({ width, height }, pixels * granularity);
  if (first) throw invalidInput(`${first.field}: ${first.message}`);
  return { rows: height / pixels, columns: width / pixels };
};
