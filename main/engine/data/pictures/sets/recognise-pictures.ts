import { statSync } from 'node:fs';
import { attempt } from '../../../attempt.ts';
import { WorkbenchError } from '../../../errors.ts';
import { readFirstRows } from '../../files/first-rows.ts';
import { fileSource } from '../../records/byte-source.ts';
import { isParquetSet } from './parquet/shards.ts';
import { findColumns } from './picture-table.ts';

/** How a split in CoOp's form begins: it may be large, and rows of text in JSON larger still. */
const splitStart = /^\s*\{\s*"(train|val|test)"\s*:\s*\[\s*(\[|\])/;
const startBytes = 4096;

const pictureName = /\.(jpe?g|png|webp|gif|bmp|tiff?)$/i;

/**
 * Whether a path is of pictures rather than of rows of text: a folder, a split in CoOp's form, or a table whose column of paths names pictures and
 * that says a class or a caption of each. What is wrong with a file is for whoever reads it.
 */
export const isOfPictures = (path: string): boolean => {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true || isParquetSet(path)) return true;
  const start = attempt(() => Buffer.from(fileSource(path).read(0, startBytes)).toString('utf8'));
  if (start instanceof WorkbenchError) return false;
  if (splitStart.test(start)) return true;
  const first = attempt(() => readFirstRows(path, undefined));
  return !(first instanceof WorkbenchError) && first.rows.length > 0 && namesPictures(first.rows[0]!.row);
};

const namesPictures = (row: Readonly<Record<string, unknown>>): boolean => {
  const columns = attempt(() => findColumns(Object.keys(row), ''));
  if (columns instanceof WorkbenchError) return false;
  const name = row[columns.picture];
  return typeof name === 'string' && pictureName.test(name.trim());
};
