import { z } from 'zod';
import { picturesFormatSchema } from '../../engine/data/pictures/pictures-format.ts';
import { modelFileSchema } from '../../engine/formats/model-file-schema.ts';
import { mostArms } from './generate-schema.ts';

/** Texts that a picture is compared with, and points of a map, at most. */
export const mostClasses = 2000;
export const mostMapped = 5000;
/** Of a picture that is sent and not named: what a camera of a phone makes, and not what makes a process hold much. */
export const mostSentBytes = 16 * 2 ** 20;

/** A model with the adapters that look at pictures beside each other on one copy of it. Paths are absolute. */
export const classifySpecificationSchema = z.strictObject({
  modelDirectory: z.string(),
  /** As of a run. */
  modelFiles: z.exactOptional(z.array(modelFileSchema)),
  /** Folder of each arm's adapter; null is the base itself. */
  arms: z.array(z.string().nullable()).min(1).max(mostArms),
  threads: z.int().min(1).nullable(),
});

export const pictureQuestionSchema = z.discriminatedUnion('kind', [
  /** What is on a picture, of some classes. */
  z.strictObject({
    kind: z.literal('classes'),
    /** Which of the session's arms are asked, from 0. */
    arms: z.array(z.int().min(0)).min(1),
    picture: z.union([
      z.strictObject({ path: z.string() }),
      /** Bytes in base64. */
      z.strictObject({ name: z.string(), base64: z.string() }),
    ]),
    classes: z.array(z.string()).min(2).max(mostClasses),
    template: z.string(),
  }),
  /** Where the pictures of a set lie as the arms see them. */
  z.strictObject({
    kind: z.literal('map'),
    arms: z.array(z.int().min(0)).min(1),
    pictures: z.strictObject({
      trainFile: z.string(),
      format: picturesFormatSchema,
      /** Where a set in Parquet is unpacked. */
      cacheDirectory: z.string().nullable(),
    }),
    /** Of so many pictures at most. */
    most: z.int().min(3).max(mostMapped),
  }),
]);

const share = z.number();

export const pictureAnswerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('classes'),
    width: z.int(),
    height: z.int(),
    /** What the model sees of it: a PNG in base64. */
    seen: z.string(),
    /** Of each arm: the probability of each class, in their order, and the logits that they are made of. */
    arms: z.array(z.strictObject({ probabilities: z.array(share), logits: z.array(z.number()) })),
    notices: z.array(z.string()),
    seconds: z.number(),
  }),
  z.strictObject({
    kind: z.literal('map'),
    classes: z.array(z.string()),
    /** By their names within the set. */
    pictures: z.array(z.strictObject({ name: z.string(), label: z.int() })),
    /** Which part of the set they are of, and how many that has. */
    part: z.enum(['train', 'validation', 'test']),
    of: z.int(),
    arms: z.array(
      z.strictObject({
        /** x and y of each picture, along the arm's own principal components, and of its variance what lies along each. */
        own: z.strictObject({ points: z.array(z.number()), explained: z.tuple([share, share]) }),
        /** The same along those of all arms together. */
        shared: z.strictObject({ points: z.array(z.number()), explained: z.tuple([share, share]) }),
      }),
    ),
    /** Of each embedding. */
    width: z.int(),
    notices: z.array(z.string()),
    seconds: z.number(),
  }),
]);

export type ClassifySpecification = z.output<typeof classifySpecificationSchema>;
export type PictureQuestion = z.output<typeof pictureQuestionSchema>;
export type PictureAnswer = z.output<typeof pictureAnswerSchema>;
export type AnswerOf<Kind extends PictureAnswer['kind']> = Extract<PictureAnswer, { kind: Kind }>;
