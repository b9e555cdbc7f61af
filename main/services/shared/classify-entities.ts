import { z } from 'zod';
import { plainTemplate } from '../../engine/data/pictures/prompts/templates.ts';
import {
  mostClasses,
  mostMapped,
  mostSentBytes,
  pictureAnswerSchema,
} from '../../trainer/protocol/classify-schema.ts';
import { mostArms } from '../../trainer/protocol/generate-schema.ts';
import { sourcePath } from './absolute-path.ts';

/** What the window and the command line ask models that look at pictures. Pure, as entities.ts. */

const id = z.string().min(1);
const job = z.string().min(1).max(100);
/** Who looks: null is the model itself, anything else an adapter on it, by id or name. */
const arms = z.array(id.nullable()).min(1).max(mostArms);

const [classesAnswer, mapAnswer] = pictureAnswerSchema.options;

/** A file of the server's, or a picture that is sent. */
export const givenPictureSchema = z.union([
  z.strictObject({ path: sourcePath }),
  z.strictObject({
    /** For errors. */
    name: z.string().min(1).max(300),
    /** Its bytes, in base64. */
    base64: z
      .string()
      .min(1)
      .max(Math.ceil(mostSentBytes / 3) * 4, `is larger than ${mostSentBytes / 2 ** 20} MB; give its path`)
      .regex(/^[A-Za-z0-9+/]+={0,2}$/, 'expected base64'),
  }),
]);

export const classifyRequestSchema = z.strictObject({
  modelId: id, // id or name
  arms,
  picture: givenPictureSchema,
  /** What may be on it. */
  classes: z.array(z.string().trim().min(1).max(300)).min(2).max(mostClasses),
  template: z.string().max(1000).default(plainTemplate),
  /** By which it can be stopped. */
  job: job.optional(),
});

export const classifyAnswerSchema = classesAnswer;

export const mapRequestSchema = z.strictObject({
  modelId: id, // id or name
  arms,
  /** Pictures, by id or name. */
  datasetId: id,
  /** Of more than so many, some from all over are shown. */
  most: z.int().min(3).max(mostMapped).default(1000),
  /** By which its progress is told, and it can be stopped. */
  job: job.optional(),
});

export const mapAnswerSchema = mapAnswer;

export const classifyDefaultsRequestSchema = z.strictObject({ modelId: id, arms });

/** What arms were trained to tell apart, to begin with. */
export const classifyDefaultsSchema = z.strictObject({
  /** Of the first arm whose data are known; null where none's are. */
  dataset: z.strictObject({ id, name: z.string() }).nullable(),
  /** Its classes; empty without data. */
  classes: z.array(z.string()),
  template: z.string(),
});

export type ClassifyRequest = z.output<typeof classifyRequestSchema>;
export type ClassifyAnswer = z.output<typeof classifyAnswerSchema>;
export type MapRequest = z.output<typeof mapRequestSchema>;
export type PictureMap = z.output<typeof mapAnswerSchema>;
export type ClassifyDefaults = z.output<typeof classifyDefaultsSchema>;
export type GivenPicture = z.output<typeof givenPictureSchema>;
