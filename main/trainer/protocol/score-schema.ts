import { z } from 'zod';
import { baseFormats } from '../../engine/base/base-format.ts';
import { dateSchema } from '../../engine/data/chat/template-date.ts';
import { modelFileSchema } from '../../engine/formats/model-file-schema.ts';
import { deviceNames } from '../../engine/runtime/device-names.ts';
import { itemResultSchema, taskFactsSchema } from '../../engine/scoring/item-result.ts';
import { taskSchema } from '../../engine/scoring/task.ts';
import { diffusionSettingsSchema } from '../../engine/train/settings/diffusion-settings.ts';
import { pictureSettingsSchema } from '../../engine/train/settings/picture-settings.ts';
import { datasetSourceSchema } from './dataset-source.ts';

/** What is scored: an adapter on the model, or with null the model itself. */
export const scoreSubjectSchema = z.strictObject({
  id: z.string().min(1),
  adapterDirectory: z.string().nullable(),
  /** Where what it draws is to lie; null where nothing may be drawn. */
  drawnDirectory: z.string().nullable().default(null),
});

/** Who measures drawn pictures. */
export const scoreInstrumentSchema = z.strictObject({
  /** As tasks name it. */
  name: z.string().min(1),
  directory: z.string(),
  modelFiles: z.exactOptional(z.array(modelFileSchema)),
});

/** Everything that scoring needs. Paths are absolute. Items come by subject and task in events `scored-items`, in portions. */
export const scoreSpecificationSchema = z.strictObject({
  modelDirectory: z.string(),
  /** As of a run. */
  modelFiles: z.exactOptional(z.array(modelFileSchema)),
  subjects: z.array(scoreSubjectSchema).min(1),
  tasks: z.array(taskSchema).min(1),
  /** Of tasks of drawn pictures: those of their models that are there. */
  instruments: z.array(scoreInstrumentSchema).default([]),
  /** The data that was trained on: its held-out part, and the format of its rows. Null where no task needs them. */
  dataset: datasetSourceSchema.nullable().default(null),
  /** What is asked of pictures of classes, and how they are seen; null stands for what is usual. */
  pictures: pictureSettingsSchema.nullable().default(null),
  /** How pictures are seen and measured that the model draws; null stands for what is usual. */
  diffusion: diffusionSettingsSchema.nullable().default(null),
  /** Items that are scored already, by subject and task, and left out. */
  done: z
    .array(z.strictObject({ subject: z.string(), task: z.string(), items: z.array(z.int()) }))
    .default([]),
  /** What the held-out part is drawn by, as of the runs. */
  seed: z.int(),
  date: dateSchema,
  /** Tokens of a row, as of the runs; longer ones lose their end, longer prompts of choices their beginning. */
  sequenceLength: z.int().min(2),
  lossOn: z.enum(['completion', 'all']).default('completion'),
  /** Rows of a batch at most. */
  batchSize: z.int().min(1).max(4096).default(8),
  baseFormat: z.enum(baseFormats).default('fp32'),
  device: z.enum(deviceNames).default('cpu'),
  /** null takes one per physical core. */
  threads: z.int().min(1).max(1024).nullable().default(null),
  /** As of a run. */
  cacheDirectory: z.string().nullable().default(null),
});
export type ScoreSpecification = z.output<typeof scoreSpecificationSchema>;
export type ScoreInstrument = z.output<typeof scoreInstrumentSchema>;
export type ScoreSubject = z.output<typeof scoreSubjectSchema>;

/** A task's file is read: the same for all subjects. */
export const taskReadSchema = z.strictObject({ type: z.literal('task-read'), facts: taskFactsSchema });

/** Items of a subject and task, in no order that means something. */
export const scoredItemsSchema = z.strictObject({
  type: z.literal('scored-items'),
  subject: z.string(),
  task: z.string(),
  items: z.array(itemResultSchema),
});

/** A subject has no scores in a task: why, in a line. The job goes on with the others. */
export const unscoredSchema = z.strictObject({
  type: z.literal('unscored'),
  subject: z.string(),
  task: z.string(),
  message: z.string(),
});

/** The end: all items were reported, or why they were not. Paused and cancelled jobs end with `cancelled`; what they reported stands. */
export const scoredSchema = z.strictObject({
  type: z.literal('scored'),
  /** Items reported, of all subjects and tasks. */
  items: z.int(),
  seconds: z.number(),
});
