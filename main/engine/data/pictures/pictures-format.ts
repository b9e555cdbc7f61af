import { z } from 'zod';
import { WorkbenchError } from '../../errors.ts';
import { subjectFormatSchema, type SetKind } from './subject-format.ts';
import { datasetFormatSchema, unusedColumns, type DatasetFormat } from '../files/dataset-format.ts';

/** What data are that show something: pictures of classes, or with a caption each. Pure: a browser can import this. */
export const picturesFormatSchema = z.object({
  kind: z.literal('pictures'),
  /** Which of the published sets, by name; null for one of a person's own. */
  published: z.string().nullable(),
  /** In the order of their labels; null for pictures with captions, or of a subject. */
  classes: z.array(z.string()).min(2).nullable(),
  /** Of pictures of a subject, to train a drawing model on: how they are read, and what there is. */
  subject: subjectFormatSchema.nullable(),
  /** Some of the longest captions; none of pictures of classes. */
  longestCaptions: z.array(z.string()),
  /** How many pictures each part has; null for a part that the data doesn't tell apart. */
  pictures: z.object({ train: z.int(), validation: z.int().nullable(), test: z.int().nullable() }),
  /** Pictures that could not be read at the import, by their names in the set: they have no part in anything. */
  leftOut: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
  /** What a person should know of the set: what was left out, what is there twice. */
  notices: z.array(z.string()),
});

/** What data of the library are: rows of texts, or pictures. */
export const dataFormatSchema = z.discriminatedUnion('kind', [
  ...datasetFormatSchema.options,
  picturesFormatSchema,
]);

export type PicturesFormat = z.infer<typeof picturesFormatSchema>;
export type DataFormat = DatasetFormat | PicturesFormat;

/** What pictures of the library are. */
export const setKindOf = ({ classes, subject }: Pick<PicturesFormat, 'classes' | 'subject'>): SetKind => {
  if (subject !== null) return 'subject';
  return classes === null ? 'captions' : 'classes';
};

/** @param place what has the pictures, for the error */
export const captionsRefused = (place: string): WorkbenchError =>
  new WorkbenchError(
    'unsupported',
    `${place}: its pictures have captions, and this is done for pictures of classes alone: import them with a column label`,
  );

/** @param place what has the pictures, for the error */
export const subjectRefused = (place: string): WorkbenchError =>
  new WorkbenchError(
    'unsupported',
    `${place}: its pictures are of a subject, to train a model that draws; to compare pictures with texts import them as pictures of classes, or with a caption each`,
  );

/** @param name of the data, for errors @throws WorkbenchError unsupported for pictures with captions, or of a subject */
export const classesOfPictures = (
  { classes, subject }: Pick<PicturesFormat, 'classes' | 'subject'>,
  name: string,
): string[] => {
  if (classes !== null) return classes;
  throw (subject === null ? captionsRefused : subjectRefused)(`dataset: "${name}"`);
};

/** Columns of a file that training doesn't see. Of a table of pictures none is kept. */
export const columnsUnused = (format: DataFormat, columns: readonly string[]): string[] =>
  format.kind === 'pictures' ? [] : unusedColumns(format, columns);
