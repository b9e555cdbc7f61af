import { z } from 'zod';
import { mostDrawnFolders, mostInstruments } from '../../trainer/protocol/fidelity-schema.ts';
import { comparisonAnswerSchema } from '../comparisons/answer/comparison-answer.ts';
import { sourcePath } from '../shared/absolute-path.ts';

/** What the window and the command line ask of drawn pictures, and hear. Pure, as entities.ts. */

const id = z.string().min(1);
const job = z.string().min(1).max(100);
const armName = z.string().trim().min(1).max(100);

export const fidelityRequestSchema = z.strictObject({
  arms: z
    .array(
      z.strictObject({
        name: armName,
        /** Folders of drawn pictures, one for each training of the arm; those of two arms with one seed belong together. */
        runs: z.array(z.strictObject({ seed: z.int().min(0).default(0), folder: sourcePath })).min(1),
      }),
    )
    .min(1)
    .max(mostDrawnFolders),
  /** What the model drew without an adapter. */
  baseFolder: sourcePath.optional(),
  /** Folder with real pictures of the subject. */
  subjectFolder: sourcePath,
  /** Who measures, by id or name: CLIP, SigLIP, DINO, DINOv2. */
  modelIds: z.array(id).min(1).max(mostInstruments),
  /** The word that stands for the subject in prompts, which texts are compared without. */
  leaveOut: z.string().trim().min(1).max(100).optional(),
  /** By which its progress is told, and it can be stopped. */
  job: job.optional(),
});

export const fidelityAnswerSchema = z.strictObject({
  /** Of the subject. */
  realPictures: z.int(),
  /** Those that every folder has, by prompt and seed or else by name; in this order stand the values below. */
  items: z.array(
    z.strictObject({ name: z.string(), prompt: z.string().nullable(), seed: z.int().nullable() }),
  ),
  measures: z.array(
    z.strictObject({
      /** DINO, CLIP-I, CLIP-T; with the model's name where two models give the same. */
      label: z.string(),
      of: z.enum(['subject', 'prompt']),
      modelId: id,
      modelName: z.string(),
    }),
  ),
  runs: z.array(
    z.strictObject({
      /** Null for the base. */
      arm: z.string().nullable(),
      seed: z.int(),
      folder: z.string(),
      /** How many it drew, partners or not. */
      pictures: z.int(),
      /** Of each measure the mean over all of its pictures, as papers tell it. */
      means: z.array(z.number()),
      /** Of each measure the values of the items. */
      items: z.array(z.array(z.number())),
      /** By each model how unlike each other pictures of one prompt are; null where no prompt has two. */
      diversity: z.array(z.strictObject({ modelName: z.string(), value: z.number().nullable() })),
    }),
  ),
  answer: comparisonAnswerSchema,
  notices: z.array(z.string()),
});

export type FidelityRequest = z.output<typeof fidelityRequestSchema>;
export type FidelityAnswer = z.output<typeof fidelityAnswerSchema>;
