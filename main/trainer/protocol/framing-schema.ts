import { z } from 'zod';
import { thumbnailSchema } from './pictures-schema.ts';

/** What training sees of pictures that a model is to draw. Pure: it runs in a browser too. */

const sized = { width: z.int(), height: z.int() };
const namedSize = { name: z.string(), ...sized };

/** Sizes, in pixels, in the order of their aspects. */
export const bucketsSchema = z.strictObject({
  buckets: z.array(
    z.strictObject({
      ...sized,
      pictures: z.int(),
      /** In an epoch, each as often as it is repeated. */
      repeated: z.int(),
    }),
  ),
  /** Pictures whose sides become so many times longer: those that most are first. */
  enlarged: z.strictObject({
    count: z.int(),
    pictures: z.array(z.strictObject({ ...namedSize, times: z.number() })),
  }),
  /** Smaller than a step, where nothing is enlarged, or so small or narrow that nothing of them is seen: a run refuses them. */
  withoutBucket: z.strictObject({ count: z.int(), pictures: z.array(z.strictObject(namedSize)) }),
  unreadable: z.int(),
});

export const captionTokensSchema = z.strictObject({
  /** With those at both ends. */
  count: z.int(),
  limit: z.int(),
  /** The part that the model takes; null where that is all of it. */
  kept: z.string().nullable(),
});

export const framedPageSchema = z.strictObject({
  /** Entries of the part to train on. */
  total: z.int(),
  pictures: z.array(
    z.strictObject({
      name: z.string(),
      /** Null where a run's prompt stands for it. */
      caption: z.string().nullable(),
      repeats: z.int(),
      prior: z.boolean(),
      tokens: captionTokensSchema.nullable(),
      /** Null where it can't be read, or no bucket holds it. */
      seen: z
        .strictObject({
          /** Of the picture, turned upright where that is done. */
          ...sized,
          bucket: z.strictObject(sized),
          resized: z.strictObject(sized),
          /** Of the cut-out in what it was resized to. */
          left: z.int(),
          top: z.int(),
          enlargement: z.number(),
          mirrored: z.boolean(),
          image: thumbnailSchema.shape.image.unwrap(),
        })
        .nullable(),
      problem: z.string().nullable(),
    }),
  ),
});

export type Buckets = z.output<typeof bucketsSchema>;
export type CaptionTokens = z.output<typeof captionTokensSchema>;
export type FramedPage = z.output<typeof framedPageSchema>;
export type FramedPicture = FramedPage['pictures'][number];
