import { closeSync, fstatSync } from 'node:fs';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { parquetMetadataAsync, parquetReadObjects, parquetSchema, snappyUncompress } from 'hyparquet';
import type { AsyncBuffer, Compressors, FileMetaData } from 'hyparquet';
import { invalidInput, WorkbenchError } from '../../../../errors.ts';
import { openRegularFile, readBytesAt } from '../../../../formats/regular-file.ts';
import { limitText } from '../../../../limit-text.ts';
import { plainLine } from '../../../../plain-line.ts';

/** What a file says of itself at its end. */
const mostFooterBytes = 64 * 2 ** 20;
/** Of a row group, in the columns that are read: it is unpacked whole. */
const mostGroupBytes = 512 * 2 ** 20;
/** Of a row group. */
const mostGroupRows = 1_000_000;

/** A Parquet file that is open for reading. */
export interface ParquetFile {
  readonly path: string;
  readonly rows: number;
  /** Of the top level; a column of several parts has their names. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  /** What the file's writer noted, by key. */
  readonly notes: ReadonlyMap<string, string>;
  /** Rows in order, a row group in memory at a time. @throws WorkbenchError naming the file */
  readonly read: (columns: readonly string[]) => AsyncGenerator<Readonly<Record<string, unknown>>, void>;
  readonly close: () => void;
}

/** @throws WorkbenchError naming the file, for one that is torn or claims more than is read */
export const openParquet = async (path: string): Promise<ParquetFile> => {
  const file = openRegularFile(path);
  try {
    return await opened(path, file);
  } catch (error) {
    closeSync(file);
    throw damaged(path, error);
  }
};

const opened = async (path: string, descriptor: number): Promise<ParquetFile> => {
  const { size } = fstatSync(descriptor);
  if (size < 12) throw invalidInput(`${path}: is no Parquet file: it has ${size} bytes`);
  const bytesAt = (from: number, to: number): Uint8Array<ArrayBuffer> => {
    if (!(from >= 0 && from <= to && to <= size))
      throw invalidInput(
        `${path}: says that bytes ${from} to ${to} are its own, and has ${size}: copy it again`,
      );
    return readBytesAt(descriptor, new Uint8Array(to - from), from, path);
  };
  const end = bytesAt(size - 8, size);
  if (Buffer.from(end.subarray(4)).toString('latin1') !== 'PAR1')
    throw invalidInput(`${path}: breaks off, or is no Parquet file: it does not end as one; copy it again`);
  const footer = new DataView(end.buffer).getUint32(0, true);
  if (footer > Math.min(mostFooterBytes, size - 12))
    throw invalidInput(
      `${path}: says that ${limitText(footer)} bytes describe it, of ${limitText(size)}; copy it again`,
    );
  const source: AsyncBuffer = {
    byteLength: size,
    slice: (from, to = size) => Promise.resolve(bytesAt(from, to).buffer),
  };
  const metadata = await parquetMetadataAsync(source, { initialFetchSize: footer + 8, geoparquet: false });
  const columns = new Map(
    parquetSchema(metadata).children.map(({ element, children }) => [
      element.name,
      children.map((child) => child.element.name),
    ]),
  );
  const groups = metadata.row_groups.map((group) => Number(group.num_rows));
  if (groups.some((rows) => !(rows >= 0 && rows <= mostGroupRows)))
    throw tooLarge(path, `a row group of more than ${limitText(mostGroupRows)} rows`);
  return {
    path,
    rows: groups.reduce((sum, rows) => sum + rows, 0),
    columns,
    notes: new Map((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ''])),
    read: (wanted) => rowsOf({ path, source, metadata, groups, wanted }),
    close: () => closeSync(descriptor),
  };
};

interface Reading {
  readonly path: string;
  readonly source: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly groups: readonly number[];
  readonly wanted: readonly string[];
}

async function* rowsOf({
  path,
  source,
  metadata,
  groups,
  wanted,
}: Reading): AsyncGenerator<Readonly<Record<string, unknown>>, void> {
  let rowStart = 0;
  for (const [index, count] of groups.entries()) {
    checkGroup(path, metadata, index, wanted);
    const rowEnd = rowStart + count;
    let rows: readonly Record<string, unknown>[];
    try {
      rows = await parquetReadObjects({
        file: source,
        metadata,
        columns: [...wanted],
        rowStart,
        rowEnd,
        utf8: false,
        compressors: compressorsFor(path),
      });
    } catch (error) {
      throw damaged(path, error);
    }
    if (rows.length !== count)
      throw invalidInput(
        `${path}: says that it has ${count} rows in a group, and has ${rows.length}; copy it again`,
      );
    yield* rows;
    rowStart = rowEnd;
  }
}

/** What a group claims is looked at before anything of it is read. */
const checkGroup = (
  path: string,
  { row_groups }: FileMetaData,
  index: number,
  wanted: readonly string[],
): void => {
  let bytes = 0;
  for (const { meta_data } of row_groups[index]!.columns) {
    if (meta_data === undefined || !wanted.includes(meta_data.path_in_schema[0]!)) continue;
    const own = Number(meta_data.total_uncompressed_size);
    if (!(own >= 0)) throw invalidInput(`${path}: says that a column has ${own} bytes; copy it again`);
    bytes += own;
  }
  if (bytes > mostGroupBytes)
    throw tooLarge(
      path,
      `a row group of ${limitText(bytes)} bytes; ${limitText(mostGroupBytes)} are read at once`,
    );
};

const tooLarge = (path: string, what: string): WorkbenchError =>
  new WorkbenchError('unsupported', `${path}: has ${what}: write it again in smaller row groups`);

/** A page says how large it is unpacked: what is larger than that is refused while it is unpacked, not after. */
const compressorsFor = (path: string): Compressors => {
  const bounded =
    (unpack: (input: Uint8Array, most: number) => Uint8Array) =>
    (input: Uint8Array, most: number): Uint8Array => {
      if (!(most >= 0 && most <= mostGroupBytes)) throw tooLarge(path, `a page of ${limitText(most)} bytes`);
      const output = unpack(input, most);
      if (output.length !== most) throw new Error(`a page has ${output.length} bytes, and says ${most}`);
      return output;
    };
  return {
    SNAPPY: bounded((input, most) => {
      const output = new Uint8Array(most);
      snappyUncompress(input, output);
      return output;
    }),
    GZIP: bounded((input, most) => gunzipSync(input, { maxOutputLength: most + 1 })),
    BROTLI: bounded((input, most) => brotliDecompressSync(input, { maxOutputLength: most + 1 })),
    ZSTD: bounded((input, most) => zstdDecompressSync(input, { maxOutputLength: most + 1 })),
  };
};

/** What the library throws of a file that is not what it says: its messages are of bytes. */
const damaged = (path: string, error: unknown): WorkbenchError => {
  if (error instanceof WorkbenchError) return error;
  const why = plainLine(error instanceof Error ? error.message : String(error), 200);
  return invalidInput(
    `${path}: breaks off, or is damaged, or is Parquet of a kind that is not read (${why})`,
    {
      cause: error,
    },
  );
};
