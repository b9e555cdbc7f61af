import { z } from 'zod';
import { datasetFormatSchema } from '../../engine/data/files/dataset-format.ts';
import { separatorNames } from '../../engine/data/records/separators.ts';

/** Data of one run: files on disk and how to read them. Without a validation file a part of the training file is held out. */
export const datasetSourceSchema = z.strictObject({
  trainFile: z.string(),
  validationFile: z.string().nullable(),
  /** Between the fields of CSV files; without one it is found out. */
  trainSeparator: z.enum(separatorNames).nullable().optional(),
  validationSeparator: z.enum(separatorNames).nullable().optional(),
  format: datasetFormatSchema,
  validationFraction: z.number().gt(0).lt(1),
});
