import { invalidInput, WorkbenchError } from '../../../../errors.ts';
import { attempt } from '../../../../attempt.ts';
import { isObject } from '../../../../json-value.ts';
import { findColumns, type TableColumns } from '../picture-table.ts';
import type { ParquetFile } from './parquet-file.ts';

/** Which columns of a file say what, and the names of classes that it numbers. */
export interface PictureColumns extends Pick<TableColumns, 'picture' | 'said'> {
  readonly classNames: readonly string[] | null;
}

/**
 * As Hugging Face's datasets writes pictures: a column of two parts, `bytes` and `path`, beside a class (a number, whose names stand in the file's notes, or a
 * text) or a caption.
 * @throws WorkbenchError naming the file and what is missing
 */
export const pictureColumns = ({ path, columns, notes }: ParquetFile): PictureColumns => {
  const pictures = [...columns].filter(([, parts]) => parts.includes('bytes')).map(([name]) => name);
  const [picture, another] = pictures;
  if (picture === undefined)
    throw new WorkbenchError(
      'unsupported',
      `${path}: is a Parquet file without a column of pictures (parts bytes and path), only ${[...columns.keys()].join(', ')}; write texts as JSON lines first`,
    );
  const others = [...columns.keys()].filter((name) => !pictures.includes(name));
  if (another !== undefined)
    throw invalidInput(`${path}: has pictures in ${pictures.join(' and ')}; leave one column of them`);
  // What a table's columns are usually called; the one of pictures is known.
  const { said } = findColumns(['image', ...others.filter((name) => name !== 'image')], path);
  return { picture, said, classNames: said.kind === 'classes' ? classNamesOf(notes, said.column) : null };
};

const classNamesOf = (notes: ReadonlyMap<string, string>, column: string): string[] | null => {
  const note = attempt(() => parsed(notes.get('huggingface')));
  const info = isObject(note) ? note['info'] : undefined;
  const features = isObject(info) ? info['features'] : undefined;
  const feature = isObject(features) ? features[column] : undefined;
  const names = isObject(feature) ? feature['names'] : undefined;
  return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : null;
};

const parsed = (text: string | undefined): unknown => {
  try {
    return text === undefined ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
};
