import { z } from 'zod';
import { orientations, transparencies } from './decode/decoding.ts';

/** What pictures of a subject are and what an import found of them. Pure: a browser can import this. */

/** What a set of pictures is: of classes, with a caption each, or of a subject that a model is to draw. */
export const setKinds = ['classes', 'captions', 'subject'] as const;
export type SetKind = (typeof setKinds)[number];

/** Whence a caption is: the file beside a picture by its ending, the picture's own name, its folder's, a table, or nowhere. */
export const captionSources = ['txt', 'caption', 'file-names', 'folder-names', 'table', 'none'] as const;
export type CaptionSource = (typeof captionSources)[number];

/** Those that can be chosen: a table is told by its file. */
export const chosenSources = ['txt', 'caption', 'file-names', 'folder-names', 'none'] as const;

/** What a person says of pictures of a subject; what is absent is found out, or as most do it. */
export const subjectChoicesSchema = z.strictObject({
  /** Found out when absent: the files beside the pictures, or else the words of folders that are called as in `10_sks dog`. */
  captions: z.enum(chosenSources).optional(),
  /** A picture without a caption where others have one: an error that names it, or one with the run's instance prompt. */
  missingCaptions: z.enum(['refuse', 'instance-prompt']).optional(),
  /** How often each picture is there in an epoch, where no folder says it; 1 when absent. */
  repeats: z.int().min(1).max(10_000).optional(),
  /** The folder of class (regularisation) pictures, within the set's; found by its usual names when absent. */
  classPictures: z.string().min(1).optional(),
  /** diffusers turns pictures upright, and so does this when absent; kohya leaves them as stored. */
  orientation: z.enum(orientations).optional(),
  /** diffusers and kohya drop it, and so does this when absent. */
  transparency: z.enum(transparencies).optional(),
});
export type SubjectChoices = z.output<typeof subjectChoicesSchema>;

/** What a person says of pictures that are imported. Choices for pictures of a subject say that they are such. */
export const picturesChoiceSchema = subjectChoicesSchema.extend({
  /** Found out when absent. */
  as: z.enum(setKinds).optional(),
});
export type PicturesChoice = z.output<typeof picturesChoiceSchema>;

const sizeSchema = z.strictObject({ name: z.string(), width: z.int(), height: z.int() });

/** What an import found. */
export const subjectFormatSchema = z.strictObject({
  choices: subjectChoicesSchema,
  captions: z.strictObject({
    source: z.enum(captionSources),
    /** Pictures of the subject that have one, and that have none. */
    found: z.int(),
    missing: z.int(),
  }),
  /** Pictures of the subject in an epoch, each as often as it is repeated. */
  repeated: z.int(),
  classPictures: z.int(),
  /** By area, as they are seen: turned upright where that is done. */
  smallest: sizeSchema,
  largest: sizeSchema,
  /** Pictures with an alpha channel, and those that a mark says are turned. */
  transparent: z.int(),
  turned: z.int(),
});
export type SubjectFormat = z.output<typeof subjectFormatSchema>;
