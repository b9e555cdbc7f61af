import { dirname } from 'node:path';
import { invalidInput } from '../../../errors.ts';
import { plainLine } from '../../../plain-line.ts';
import { instead } from '../../../suggestions.ts';
import { mapLabels, readLabel } from '../../examples/class-labels.ts';
import { readDatasetFile, type Dataset, type ReadingOptions } from '../../files/dataset-file.ts';
import { checkedCaption, orInstancePrompt } from './captions-beside.ts';
import {
  checkClasses,
  checkedName,
  type CaptionedPicture,
  type LabelledPicture,
  type Parts,
  type PartName,
  type PictureEntry,
  type PictureSet,
} from './picture-set.ts';

/** Which columns of a table say what. */
export interface TableColumns {
  readonly picture: string;
  /** What a picture is said to be: a class, or a text of its own. */
  readonly said: { readonly kind: 'classes' | 'captions'; readonly column: string };
  /** "train", "val" or "validation", "test"; all pictures are to train on without it. */
  readonly part: string | null;
}

export interface TableOptions extends Pick<ReadingOptions, 'separator'> {
  /** Found by their names when absent. */
  readonly columns?: TableColumns;
  /** That the names of pictures are within; the table's own when absent. */
  readonly folder?: string;
  /** A row without a caption: an error, or one with an empty one. */
  readonly missingCaptions?: 'refuse' | 'keep';
}

/** Names that tables in use have, the likelier first. */
const usual = {
  picture: ['file_name', 'image', 'image_path', 'path', 'filepath', 'file', 'filename', 'picture', 'img'],
  label: ['label', 'class', 'category', 'target', 'class_name', 'label_name'],
  caption: ['caption', 'text', 'description', 'title'],
  part: ['split', 'part', 'set', 'subset'],
} as const;

const parts: Readonly<Record<string, PartName>> = {
  train: 'train',
  training: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  dev: 'validation',
  test: 'test',
};

/** The columns that a table's names suggest. @throws WorkbenchError naming what is not there */
export const findColumns = (names: readonly string[], place: string): TableColumns => {
  const find = (wanted: readonly string[]): string | undefined =>
    wanted
      .map((name) => names.find((column) => column.toLowerCase() === name))
      .find((column) => column !== undefined);
  const missing = (what: string, wanted: readonly string[]) =>
    invalidInput(
      `${place}: no column is called ${wanted.slice(0, 4).join(', ')} or the like, so say which holds the ${what} (it has ${names.join(', ')})`,
    );
  const picture = find(usual.picture);
  if (picture === undefined) throw missing('paths of the pictures', usual.picture);
  const part = find(usual.part) ?? null;
  const label = find(usual.label);
  if (label !== undefined) return { picture, said: { kind: 'classes', column: label }, part };
  const caption = find(usual.caption);
  if (caption === undefined) throw missing('classes or captions', [...usual.label, ...usual.caption]);
  return { picture, said: { kind: 'captions', column: caption }, part };
};

/**
 * Pictures that a table names: CSV, TSV, JSON or JSON lines, a picture a row.
 * @throws WorkbenchError naming file and line
 */
export const readPictureTable = (path: string, options: TableOptions = {}): PictureSet => {
  const { separator, folder = dirname(path), missingCaptions = 'refuse' } = options;
  const table = readDatasetFile(path, { separator });
  const names = Object.keys(table.rows.at(0));
  const columns = options.columns ?? findColumns(names, table.name);
  for (const column of [
    columns.picture,
    columns.said.column,
    ...(columns.part === null ? [] : [columns.part]),
  ])
    if (!names.includes(column))
      throw invalidInput(`${table.name}: has no column "${column}"${instead(column, names)}`);
  const rows = readRows(table, columns, missingCaptions === 'keep');
  return setOfRows(rows, { kind: columns.said.kind, folder, source: table.name, classes: null });
};

export interface SaidPicture extends PictureEntry {
  readonly said: string;
}

const readRows = (table: Dataset, columns: TableColumns, mayLack: boolean): Parts<SaidPicture> => {
  const rows: Record<PartName, SaidPicture[]> = { train: [], validation: [], test: [] };
  let index = 0;
  for (const row of table.rows) {
    const place = `${table.name}, line ${table.lineOf(index++)}`;
    const name = textOf(row[columns.picture], `${place}, ${columns.picture}`, 'path of a picture');
    const { kind, column } = columns.said;
    const said =
      kind === 'classes'
        ? readLabel(row[column], `${place}, ${column}`)
        : mayLack && isBlank(row[column])
          ? ''
          : captionIn(row[column], `${place}, ${column}`);
    const part = columns.part === null ? 'train' : partOf(row[columns.part], `${place}, ${columns.part}`);
    rows[part].push({ name: checkedName(name, `${place}, ${columns.picture}`), place, said });
  }
  if (rows.train.length === 0) throw invalidInput(`${table.name}: has no pictures to train on`);
  const unlessEmpty = (part: readonly SaidPicture[]) => (part.length === 0 ? null : part);
  return { train: rows.train, validation: unlessEmpty(rows.validation), test: unlessEmpty(rows.test) };
};

const isBlank = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

const textOf = (value: unknown, place: string, what: string): string => {
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  throw invalidInput(`${place}: must be the ${what}, as text`);
};

const captionIn = (value: unknown, place: string): string => {
  if (isBlank(value))
    throw invalidInput(`${place}: is empty; write the caption of the picture, ${orInstancePrompt}`);
  return checkedCaption(textOf(value, place, 'caption'), place);
};

const partOf = (value: unknown, place: string): PartName => {
  const name = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (Object.hasOwn(parts, name)) return parts[name]!;
  throw invalidInput(
    `${place}: is ${plainLine(JSON.stringify(value) ?? 'missing', 60)}; it should be train, val or test`,
  );
};

const asCaptioned = ({ name, place, said }: SaidPicture): CaptionedPicture => ({
  name,
  place,
  caption: said,
});

const mapParts = <From, To>(from: Parts<From>, change: (entry: From) => To): Parts<To> => ({
  train: from.train.map(change),
  validation: from.validation?.map(change) ?? null,
  test: from.test?.map(change) ?? null,
});

interface RowsOptions {
  readonly kind: 'classes' | 'captions';
  readonly folder: string;
  readonly source: string;
  /** In the order of their labels, where that is known. */
  readonly classes: readonly string[] | null;
}

/** The set that rows make. @throws WorkbenchError for classes that can't be told apart, or without a picture to train on */
export const setOfRows = (
  rows: Parts<SaidPicture>,
  { kind, folder, source, classes: given }: RowsOptions,
): PictureSet => {
  if (kind === 'captions')
    return { kind, captions: 'table', folder, source, parts: mapParts(rows, asCaptioned), notices: [] };
  const said = new Set(rows.train.map((row) => row.said));
  checkClasses(given ?? [...said], source);
  const untrained = given?.find((name) => !said.has(name));
  if (untrained !== undefined)
    throw invalidInput(`${source}: the class "${plainLine(untrained, 60)}" has no picture to train on`);
  const classes = given ?? mapLabels(said, { kind: 'new' }).names;
  const labels = new Map(classes.map((name, label) => [name, label]));
  const asLabelled = ({ name, place, said }: SaidPicture): LabelledPicture => {
    const label = labels.get(said);
    if (label === undefined)
      throw invalidInput(`${place}: the class "${plainLine(said, 60)}" has no picture to train on`);
    return { name, place, label };
  };
  return { kind, folder, source, classes, parts: mapParts(rows, asLabelled), notices: [] };
};
