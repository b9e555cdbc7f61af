import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { z } from 'zod';
import { attempt } from '../../../../attempt.ts';
import { invalidInput, WorkbenchError } from '../../../../errors.ts';
import { writeDirectoryWhole } from '../../../../formats/atomic-file.ts';
import { readJsonObject } from '../../../../formats/json-text.ts';
import { limitText } from '../../../../limit-text.ts';
import { checked } from '../../../../problems.ts';
import { readLabel } from '../../../examples/class-labels.ts';
import { mostPictureBytes } from '../../decode/decode-picture.ts';
import { pictureFormat, type PictureFormat } from '../../decode/picture-format.ts';
import { checkedCaption } from '../captions-beside.ts';
import { partNames, type PartName, type PictureSet } from '../picture-set.ts';
import { setOfRows } from '../picture-table.ts';
import { openParquet, type ParquetFile } from './parquet-file.ts';
import { pictureColumns, type PictureColumns } from './picture-columns.ts';
import { shardsOf, type Shard } from './shards.ts';

/** Changes when what is unpacked does. */
const version = 1;
const listFile = 'set.json';

/** A picture's name in the folder, and its class or caption. */
const rows = z.array(z.tuple([z.string(), z.string()]));
const listSchema = z.strictObject({
  kind: z.enum(['classes', 'captions']),
  classes: z.array(z.string()).nullable(),
  parts: z.strictObject({ train: rows, validation: rows, test: rows }),
});
type List = z.output<typeof listSchema>;

/** Where sets are unpacked. */
export const unpackedIn = (cacheDirectory: string): string => join(cacheDirectory, 'pictures');

/**
 * A set in Parquet, its pictures unpacked into files of their own, once: a run takes them in any order, and the rows of a file come in theirs. Where the
 * files look as they did, what was unpacked is there still; a row group is in memory at a time.
 * @throws WorkbenchError naming the file and row
 */
export const openUnpacked = async (path: string, cacheDirectory: string): Promise<PictureSet> => {
  const shards = shardsOf(path);
  const key = keyOf(shards);
  const folder = join(unpackedIn(cacheDirectory), key);
  const isWhole = (): boolean => existsSync(join(folder, listFile));
  if (!isWhole())
    try {
      // It takes its name with all that is in it: one without its list is what is left of a cache that was being emptied.
      if (existsSync(folder) && !isWhole()) rmSync(folder, { recursive: true, force: true });
      await writeDirectoryWhole(folder, async (temporary) => {
        await unpack(shards, temporary);
        refuseChanged(path, key);
      });
    } catch (error) {
      // Another process may have done the same meanwhile: what stands there is whole.
      if (!isWhole()) throw error;
    }
  const { kind, classes, parts } = checked(listSchema, readJsonObject(join(folder, listFile)), path);
  const read = (part: PartName) => parts[part].map(([name, said]) => ({ name, place: placeOf(name), said }));
  const unlessEmpty = (part: PartName) => (parts[part].length === 0 ? null : read(part));
  return setOfRows(
    { train: read('train'), validation: unlessEmpty('validation'), test: unlessEmpty('test') },
    { kind, folder: realpathSync(folder), source: basename(path), classes },
  );
};

/** What the files look like: one that was written anew is another. */
const keyOf = (shards: readonly Shard[]): string => {
  const stamps = shards.map(({ path, part }) => {
    const { size, mtimeMs, ctimeMs, ino } = statSync(path);
    return [realpathSync(path), part, size, mtimeMs, ctimeMs, ino];
  });
  return createHash('sha256')
    .update(JSON.stringify([version, stamps]))
    .digest('hex');
};

/** What was unpacked is kept for what the files were like before: one that was written meanwhile would be known by another's pictures. */
const refuseChanged = (path: string, key: string): void => {
  if (keyOf(shardsOf(path)) === key) return;
  throw new WorkbenchError('conflict', `${path}: was changed while it was unpacked; try again`);
};

const unpack = async (shards: readonly Shard[], folder: string): Promise<void> => {
  const parts: Record<PartName, [string, string][]> = { train: [], validation: [], test: [] };
  let first: PictureColumns | undefined;
  for (const { path, part } of shards) {
    const file = await openParquet(path);
    try {
      const columns = pictureColumns(file);
      first ??= columns;
      refuseOther(path, columns, first);
      for await (const row of unpackFile(file, columns, folder)) parts[part].push(row);
    } finally {
      file.close();
    }
  }
  const { said, classNames } = first!;
  if (partNames.every((part) => parts[part].length === 0))
    throw invalidInput(`${shards[0]!.path}: has no rows`);
  const list: List = { kind: said.kind, classes: classNames && [...classNames], parts };
  writeFileSync(join(folder, listFile), JSON.stringify(list));
};

const refuseOther = (path: string, columns: PictureColumns, first: PictureColumns): void => {
  if (JSON.stringify(columns) !== JSON.stringify(first))
    throw invalidInput(
      `${path}: has other columns, or other names of classes, than the first file of the set`,
    );
};

async function* unpackFile(
  file: ParquetFile,
  { picture, said, classNames }: PictureColumns,
  folder: string,
): AsyncGenerator<[string, string], void> {
  const name = basename(file.path, extname(file.path));
  mkdirSync(join(folder, name));
  let index = 0;
  for await (const row of file.read([picture, said.column])) {
    const place = `${file.path}, row ${++index}`;
    const bytes = bytesOf(row[picture], `${place}, ${picture}`);
    const value = row[said.column];
    const text =
      said.kind === 'captions'
        ? captionOf(value, `${place}, ${said.column}`)
        : classOf(value, classNames, `${place}, ${said.column}`);
    const written = `${name}/${String(index).padStart(7, '0')}.${endingOf(bytes)}`;
    writeFileSync(join(folder, written), bytes, { flag: 'wx' });
    yield [written, text];
  }
}

const placeOf = (name: string): string =>
  `${name.slice(0, name.indexOf('/'))}.parquet, row ${Number.parseInt(name.slice(name.indexOf('/') + 1), 10)}`;

const bytesOf = (value: unknown, place: string): Uint8Array => {
  const bytes = (value as { readonly bytes?: unknown } | null | undefined)?.bytes;
  if (!(bytes instanceof Uint8Array))
    throw invalidInput(`${place}: has no bytes of a picture; a path alone leads nowhere from a Parquet file`);
  if (bytes.length > mostPictureBytes)
    throw invalidInput(
      `${place}: has ${limitText(bytes.length)} bytes; a picture may have ${limitText(mostPictureBytes)}`,
    );
  return bytes;
};

const captionOf = (value: unknown, place: string): string => {
  if (typeof value === 'string' && value.trim() !== '') return checkedCaption(value.trim(), place);
  throw invalidInput(`${place}: must be the caption, as text`);
};

const classOf = (value: unknown, names: readonly string[] | null, place: string): string => {
  if (names === null || typeof value === 'string') return readLabel(value, place);
  const name = typeof value === 'bigint' || typeof value === 'number' ? names[Number(value)] : undefined;
  if (name !== undefined) return name;
  throw invalidInput(
    `${place}: is ${String(value).slice(0, 40)}, and the classes are 0 to ${names.length - 1}`,
  );
};

const endings: Readonly<Record<PictureFormat, string>> = { JPEG: 'jpg', PNG: 'png', WebP: 'webp' };

/** What is no picture is kept too, for the survey to name. */
const endingOf = (bytes: Uint8Array): string => {
  const format = attempt(() => pictureFormat(bytes, ''));
  return format instanceof WorkbenchError ? 'bin' : endings[format];
};
