import { z } from 'zod';
import { datasetFormatSchema } from '../../engine/data/files/dataset-format.ts';
import { separatorNames } from '../../engine/data/records/separators.ts';
import { previewSchema } from './preview-schema.ts';

/** A file that may be imported, by its first rows. Pure: it runs in a browser too. */
export const inspectionSchema = z.strictObject({
  kind: z.literal('rows'),
  /** The file's name. */
  name: z.string(),
  /** Of the whole file. */
  bytes: z.int(),
  /** What stands between the fields of a CSV file. */
  separator: z.enum(separatorNames).nullable(),
  rowsRead: z.int(),
  /** Whether these are all rows of the file. */
  isWhole: z.boolean(),
  columns: z.array(
    z.strictObject({
      name: z.string(),
      /** By its first value that is not empty. */
      holds: z.string(),
      /** Parts of the format that take something from it; none where training doesn't see it. */
      parts: z.array(z.string()),
    }),
  ),
  /** The first as they were read, in the order of the columns: long values cut, null where a row does not have the column. */
  rows: z.array(z.strictObject({ line: z.int(), cells: z.array(z.string().nullable()) })),
  /** What the columns were taken for; null where the format was given, or nothing fits. */
  form: z.string().nullable(),
  /** Given or guessed; null where nothing fits. */
  format: datasetFormatSchema.nullable(),
  /** Why an import would be refused, as far as these rows tell: file, line and field. */
  problem: z.string().nullable(),
  /** The first rows as text, whatever model reads it: each part by its name, and whether it is learnt. */
  examples: z.array(
    z.strictObject({
      line: z.int(),
      parts: z.array(z.strictObject({ name: z.string(), text: z.string(), learnt: z.boolean() })),
    }),
  ),
  /** As a model sees them; null without one, or where there is a problem before that. */
  preview: previewSchema.nullable(),
});

export type Inspection = z.output<typeof inspectionSchema>;
