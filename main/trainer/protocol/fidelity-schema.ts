import { z } from 'zod';
import { modelFileSchema } from '../../engine/formats/model-file-schema.ts';

/** Folders of drawn pictures, and models that measure them, at most. */
export const mostDrawnFolders = 64;
export const mostInstruments = 4;

/** Drawn pictures, measured by how like their subject and their prompts they are. Paths are absolute. */
export const fidelitySpecificationSchema = z.strictObject({
  /** Of drawn pictures, each one model's. */
  folders: z.array(z.string()).min(1).max(mostDrawnFolders),
  /** Folder with real pictures of the subject. */
  subject: z.string(),
  models: z
    .array(
      z.strictObject({
        directory: z.string(),
        /** As of a run. */
        modelFiles: z.exactOptional(z.array(modelFileSchema)),
      }),
    )
    .min(1)
    .max(mostInstruments),
  /** The word that stands for the subject in prompts, which texts are compared without; null leaves them whole. */
  leaveOut: z.string().nullable(),
  batchSize: z.int().min(1),
  threads: z.int().min(1).nullable(),
});

export const fidelityMeasuredSchema = z.strictObject({
  type: z.literal('fidelity'),
  /** Of each folder. */
  folders: z.array(
    z.array(
      z.strictObject({
        name: z.string(),
        /** By which another folder's picture of the same prompt and noise is known. */
        key: z.string(),
        prompt: z.string().nullable(),
        seed: z.int().nullable(),
      }),
    ),
  ),
  /** How many there are of the subject. */
  realPictures: z.int(),
  /** By each model in turn. */
  measures: z.array(
    z.strictObject({
      /** Which of the models, from 0. */
      model: z.int(),
      /** DINO, CLIP-I, CLIP-T. */
      name: z.string(),
      of: z.enum(['subject', 'prompt']),
      /** Of each folder, of each of its pictures. */
      values: z.array(z.array(z.number())),
    }),
  ),
  /** By each model, of each folder: how unlike each other pictures of one prompt are; null where no prompt has two. */
  diversity: z.array(z.array(z.number().nullable())),
  notices: z.array(z.string()),
});

export type FidelitySpecification = z.output<typeof fidelitySpecificationSchema>;
export type FidelityMeasured = Omit<z.output<typeof fidelityMeasuredSchema>, 'type'>;
