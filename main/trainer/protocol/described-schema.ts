import { z } from 'zod';
import { dataFormatSchema } from '../../engine/data/pictures/pictures-format.ts';
import { separatorNames } from '../../engine/data/records/separators.ts';
import { objectiveNames } from '../../engine/objective-names.ts';
import { layerGroupSchema } from './layer-schema.ts';

/** What files say about themselves. Pure: it runs in a browser too. Sizes are bytes. */

/** Of pictures that a model draws, in pixels. */
export const drawnSidesSchema = z.strictObject({
  /** A side of the squares that it was trained on. */
  usual: z.int(),
  /** What every side is a multiple of. */
  multipleOf: z.int(),
});

/** What a model folder says about itself. */
export const describedModelSchema = z.strictObject({
  directory: z.string(),
  architecture: z.string(),
  /** What it is trained for. */
  objective: z.enum(objectiveNames),
  parameters: z.int(),
  dtype: z.string(),
  bytes: z.int(),
  layers: z.int(),
  hiddenSize: z.int(),
  vocabularySize: z.int(),
  maximumPositions: z.int(),
  /**
   * Names that adapters can target (`q_proj`, …), each with how often it occurs and its shape (out x in); a name comes again for each
   * shape. Embeddings and heads say so.
   */
  targetModules: z.array(layerGroupSchema),
  hasChatTemplate: z.boolean(),
  /** Of a classifier; null for models that predict tokens. */
  classifier: z
    .strictObject({
      /** Names of its classes; null where they have none, or there is no head yet. */
      classNames: z.array(z.string()).nullable(),
      /** Modules of its head, by their paths. */
      headModules: z.array(z.string()),
      /** Those that the folder lacks: they are made new for a run, and must be trained with it. */
      newModules: z.array(z.string()),
    })
    .nullable(),
  /** Null for a model that draws none. */
  drawnSides: drawnSidesSchema.nullable(),
  /** What a person should know of its files. */
  notices: z.array(z.string()),
});

/**
 * What a dataset's files say about themselves. Hashes are of the content at import: a run on a file that changed since is refused. Of pictures there is
 * one hash for all of them and what is said of them; rows are pictures, and those held out are the part to test on.
 */
export const describedDatasetSchema = z.strictObject({
  /** Of pictures the folder, table or split that was imported. */
  trainFile: z.string(),
  validationFile: z.string().nullable(),
  trainSha256: z.string(),
  validationSha256: z.string().nullable(),
  /** What stands between the fields of a CSV file. */
  trainSeparator: z.enum(separatorNames).nullable(),
  validationSeparator: z.enum(separatorNames).nullable(),
  /** What the columns were taken for; null where a person said which to use. */
  form: z.string().nullable(),
  format: dataFormatSchema,
  columns: z.array(z.string()),
  trainRows: z.int(),
  validationRows: z.int().nullable(),
  bytes: z.int(),
});

export type DescribedModel = z.output<typeof describedModelSchema>;
export type DescribedDataset = z.output<typeof describedDatasetSchema>;
