import { z } from 'zod';
import { captionSources, setKinds } from '../../engine/data/pictures/subject-format.ts';

/** Sets of pictures, as they are looked at. Pure: it runs in a browser too. */

export const partNameSchema = z.enum(['train', 'validation', 'test']);

/** Pictures of a class in each part; null for a part that the set doesn't tell apart. */
export const classCountSchema = z.strictObject({
  name: z.string(),
  train: z.int(),
  validation: z.int().nullable(),
  test: z.int().nullable(),
});

/** A few of a set's pictures, by their names within its folder. */
export const picturesPageSchema = z.strictObject({
  /** In the part, and of the class that was asked for. */
  total: z.int(),
  pictures: z.array(
    z.strictObject({
      name: z.string(),
      label: z.int().nullable(),
      caption: z.string().nullable(),
      /** In an epoch. */
      repeats: z.int(),
      /** A class picture of a subject's set. */
      prior: z.boolean(),
    }),
  ),
});

export const edgeSchema = z.int().min(16).max(256);
/** Pictures that are looked at together: each is decoded. */
export const mostThumbnails = 24;

/** A picture made anew of its pixels. */
export const shownPictureSchema = z.strictObject({
  type: z.literal('image/webp'),
  data: z.base64(),
  width: z.int(),
  height: z.int(),
});

export const thumbnailSchema = z.strictObject({
  name: z.string(),
  /** Of the file, in pixels, as stored, or turned upright where the set is read so; null where it can't be read. */
  width: z.int().nullable(),
  height: z.int().nullable(),
  /** 1 to 8, as EXIF has it: how the camera was held. 1 stands upright. */
  mark: z.int().nullable(),
  image: shownPictureSchema.nullable(),
  /** Why there is none. */
  problem: z.string().nullable(),
});

/** Pictures that may be imported, by the names of their files: what is in the files is looked at by the import. */
export const picturesInspectionSchema = z.strictObject({
  kind: z.literal('pictures'),
  /** What they were taken for. */
  form: z.string(),
  /** What they are read as. */
  as: z.enum(setKinds),
  /** Which of the published sets, by name. */
  published: z.string().nullable(),
  classes: z.array(classCountSchema),
  /** Of pictures of a subject; null for others. */
  subject: z
    .strictObject({
      source: z.enum(captionSources),
      /** Pictures of the subject, of them those with a caption, and how many there are in an epoch. */
      pictures: z.int(),
      captioned: z.int(),
      repeated: z.int(),
      classPictures: z.int(),
    })
    .nullable(),
  pictures: z.strictObject({ train: z.int(), validation: z.int().nullable(), test: z.int().nullable() }),
  /** What a person should know of the set. */
  notices: z.array(z.string()),
  /** Why an import would be refused that leaves nothing out: files that are named and not there. */
  problem: z.string().nullable(),
  /** A picture of each of the first classes, or the first with their captions. */
  samples: z.array(z.strictObject({ said: z.string(), thumbnail: thumbnailSchema })),
});

/** What is asked of each class, in the order of the classes. */
export const classPromptsSchema = z.strictObject({
  /** Tokens that the model takes, with those at both ends. */
  limit: z.int(),
  prompts: z.array(z.strictObject({ text: z.string(), tokens: z.int() })),
});

/** Pictures that show the same, pixel by pixel, as survey/find-shared.ts finds them. */
export const sharedPicturesSchema = z.strictObject({
  repeated: z.int(),
  contradicting: z.int(),
  groups: z.array(z.array(z.string())),
  shared: z.strictObject({ validation: z.int(), test: z.int() }),
  pairs: z.array(
    z.strictObject({
      train: z.string(),
      heldOut: z.string(),
      part: z.enum(['validation', 'test']),
      sameClass: z.boolean(),
    }),
  ),
});

/** How a model sees pictures, of its preprocessor_config.json. */
export const pictureViewSchema = z.strictObject({
  width: z.int(),
  height: z.int(),
  /** Pixels of the shorter side before the middle is cut out; null where pictures are stretched to the size. */
  shortestEdge: z.int().nullable(),
  filter: z.string(),
  scale: z.number(),
  mean: z.array(z.number()),
  deviation: z.array(z.number()),
});

export type PartName = z.output<typeof partNameSchema>;
export type ClassCount = z.output<typeof classCountSchema>;
export type PicturesPage = z.output<typeof picturesPageSchema>;
export type Thumbnail = z.output<typeof thumbnailSchema>;
export type PicturesInspection = z.output<typeof picturesInspectionSchema>;
export type ClassPrompts = z.output<typeof classPromptsSchema>;
export type SharedPictures = z.output<typeof sharedPicturesSchema>;
export type ModelPictureView = z.output<typeof pictureViewSchema>;
