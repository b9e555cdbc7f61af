import { z } from 'zod';
import { framingShape } from '../../data/pictures/buckets/framing.ts';
import { longPrompts } from '../../diffusion/long-prompts.ts';
import { classDrawingSchema } from './class-drawing.ts';
import { drawnSampleSettingsSchema } from './drawn-sample-settings.ts';

const prompt = z.string().regex(/\S/, 'is empty').max(1000);

/** Pictures of the class that the subject is one of: a step sees as many of them as of the subject, so that the class stays what it was (DreamBooth, arXiv 2208.12242). */
export const priorSettingsSchema = z.strictObject({
  /** What they show: `a photo of a dog`. Those of the data may have captions of their own. */
  prompt,
  /** By which their loss is multiplied. */
  weight: z.number().positive().max(100).default(1),
  /** How many there have to be at least; 0 takes those of the data as they are. */
  pictures: z.int().min(0).max(10_000).default(0),
  /** How the model itself draws those that the data lack, before it is trained; null: there have to be enough. */
  draw: classDrawingSchema.nullable().default(null),
});

/** What a run has besides on pictures that its model learns to draw. */
export const diffusionSettingsSchema = z.strictObject({
  /** What every picture of the subject shows that has no caption of its own: `a photo of sks dog`. null: each has a caption. */
  prompt: prompt.nullable().default(null),
  /** A word that stands for the subject: put where a caption says [trigger], else before it. */
  trigger: z.string().regex(/\S/, 'is empty').max(200).nullable().default(null),
  prior: priorSettingsSchema.nullable().default(null),
  ...framingShape,
  /** Timesteps of little noise count less, as if their signal were this many times the noise at most (Min-SNR, arXiv 2303.09556; 5 is usual); null: all count alike. */
  minSnrGamma: z.number().positive().max(1000).nullable().default(null),
  /** Strength of the noise that a whole channel shares, so that very light and dark pictures are learned (0.05 to 0.1 is usual); 0 for none. */
  noiseOffset: z.number().min(0).max(1).default(0),
  /** Share of the pictures whose caption is left out, by chance: what guidance needs. */
  captionDropout: z.number().min(0).max(1).default(0),
  /** Whether the tags of a caption (between commas) come in another order each time. */
  shuffleTags: z.boolean().default(false),
  /** How many tags at its beginning stay where they are then. */
  keepTags: z.int().min(0).max(100).default(0),
  /** What becomes of captions that are longer than the text encoders take: cut, or encoded in pieces, all in as many as the longest caption of the data needs. */
  longCaptions: z.enum(longPrompts).default('cut'),
  /** From which layer of the text encoder its states are taken, counted from the last as in kohya's scripts and the UIs: 1 is the last one; null is the model's own. */
  clipSkip: z.int().min(1).max(12).nullable().default(null),
  /** Of what sits on the text encoders, warmed up and run down as the run's learningRate; null: that one. */
  textEncoderLearningRate: z.number().positive().max(10).nullable().default(null),
  /** Timesteps that are trained, of the model's schedule: from the first to the one before `to`. null takes all. */
  timesteps: z
    .strictObject({ from: z.int().min(0).max(100_000).default(0), to: z.int().min(1).max(100_001) })
    .nullable()
    .default(null),
  /** What the held-out loss is measured on: pictures of the subject that are not trained on, or those of the class, to see it drift. */
  heldOut: z.enum(['subject', 'class']).default('subject'),
  /** How often each of them is measured, with other noise and at timesteps spread over the schedule; the same for every arm, seed and step. */
  heldOutDraws: z.int().min(4).max(1024).default(16),
  /** Pictures that are drawn while it trains, by the model itself before the first step and with the adapter as it is then; null for none. */
  samples: drawnSampleSettingsSchema.nullable().default(null),
});

export type DiffusionSettings = z.output<typeof diffusionSettingsSchema>;

/** Those of a run that says nothing of them. */
export const diffusionSettingsOf = ({
  diffusion,
}: {
  readonly diffusion: DiffusionSettings | null;
}): DiffusionSettings => diffusion ?? diffusionSettingsSchema.parse({});
