import { z } from 'zod';
import { datasetFormatSchema } from '../../engine/data/files/dataset-format.ts';
import { dataFormatSchema, type PicturesFormat } from '../../engine/data/pictures/pictures-format.ts';
import { separatorNames } from '../../engine/data/records/separators.ts';
import { WorkbenchError } from '../../engine/errors.ts';

/** Rows of texts: files on disk and how to read them. Without a validation file a part of the training file is held out. */
export const rowsSourceSchema = z.strictObject({
  trainFile: z.string(),
  validationFile: z.string().nullable(),
  /** Between the fields of CSV files; without one it is found out. */
  trainSeparator: z.enum(separatorNames).nullable().optional(),
  validationSeparator: z.enum(separatorNames).nullable().optional(),
  format: datasetFormatSchema,
  validationFraction: z.number().gt(0).lt(1),
});

/** Data of one run: rows, or pictures, which `trainFile` (a folder, a table, a split) names. */
export const datasetSourceSchema = rowsSourceSchema.extend({ format: dataFormatSchema });

export type RowsSource = z.output<typeof rowsSourceSchema>;
export type DatasetSource = z.output<typeof datasetSourceSchema>;

/** The same, where it has rows. @param what is asked of it, as in "lengths are counted" @throws unsupported for pictures */
export const rowsSourceOf = <Source extends Pick<DatasetSource, 'format' | 'trainFile'>>(
  source: Source,
  what: string,
): Source & Pick<RowsSource, 'format'> => {
  const { format, trainFile } = source;
  if (format.kind !== 'pictures') return { ...source, format };
  throw new WorkbenchError('unsupported', `dataset: ${trainFile} has pictures; ${what} of texts alone`);
};

/** Pictures, as the library keeps them. */
export type PicturesSource = DatasetSource & { readonly format: PicturesFormat };

/** The same, where it has pictures. @throws unsupported for rows of text */
export const picturesSourceOf = (source: DatasetSource): PicturesSource => {
  const { format, trainFile } = source;
  if (format.kind === 'pictures') return { ...source, format };
  throw new WorkbenchError('unsupported', `dataset: ${trainFile} has rows of text, and no pictures`);
};
