import type { Rows } from '../../store/apart.ts';
import { runApart } from '../../store/apart.ts';
import { waysOut } from '../../store/library-file.ts';
import { databaseFileOf } from '../../store/places.ts';
import {
  brokenReferences,
  columnsSql,
  expectedSchema,
  objectsSql,
  type SchemaObject,
} from '../../store/expected-schema.ts';
import { translateStoreError } from '../../store/store-errors.ts';
import type { Found, Repair } from './found.ts';

const subject = 'the library';
/** Of the lines that SQLite gives of a damaged file. */
const mostLines = 100;

/** Wrong entries of an index follow from its table: the index is made again. */
const isOfIndex = (line: string): boolean =>
  /^row .* missing from index |^wrong # of entries in index |^non-unique entry in index /.test(line);

interface LibraryContext {
  readonly dataDirectory: string;
  /** Where it is read: in its place, or a copy of what can only be looked at. */
  readonly libraryFile: string;
}

/** Goes through the whole database: its pages, the rows that others refer to, and whether it is what this release makes. */
export const checkLibrary = async (
  { dataDirectory, libraryFile }: LibraryContext,
  signal: AbortSignal,
): Promise<Found[]> => {
  const file = databaseFileOf(dataDirectory);
  const lost = (problem: string): Found => ({
    ...{ subject, problem: `${file}: ${problem}` },
    advice: waysOut(dataDirectory),
  });
  let rows: Rows[];
  try {
    rows = await runApart(
      libraryFile,
      [
        { sql: `PRAGMA integrity_check(${mostLines})` },
        { sql: 'PRAGMA foreign_key_check' },
        { sql: objectsSql },
        { sql: columnsSql },
      ],
      { signal },
    );
  } catch (error) {
    signal.throwIfAborted();
    return [lost((translateStoreError(error, file) as Error).message)];
  }
  const [integrity, references, objects, columns] = rows as [Rows, Rows, Rows, Rows];
  const lines = integrity.map((row) => String(row['integrity_check'])).filter((line) => line !== 'ok');
  const [ofIndices, ofTables] = [lines.filter(isOfIndex), lines.filter((line) => !isOfIndex(line))];
  // What damaged tables say of each other is not to be believed, and nothing is removed for it.
  if (ofTables.length > 0) return [lost(`${ofTables.length} of its parts are damaged (${ofTables[0]})`)];
  return [
    ...(ofIndices.length > 0 ? [wrongIndices(file, ofIndices)] : []),
    ...(await brokenReferences(references)).map((broken) => wrongReference(file, broken)),
    ...(await missingObjects(file, dataDirectory, objects, columns)),
  ];
};

const onLibrary = (file: string, text: string, sql: readonly string[]): Repair => ({
  text,
  changesLibrary: true,
  run: async () => {
    try {
      await runApart(
        file,
        sql.map((one) => ({ sql: one })),
        { readonly: false },
      );
    } catch (error) {
      throw translateStoreError(error, file);
    }
  },
});

const wrongIndices = (file: string, lines: readonly string[]): Found => ({
  subject,
  problem: `${file}: ${lines.length} entries of its indices are wrong (${lines[0]})`,
  repair: onLibrary(file, 'make its indices again from their tables', ['REINDEX']),
});

const wrongReference = (
  file: string,
  { table, parent, rows, mend }: Awaited<ReturnType<typeof brokenReferences>>[number],
): Found => ({
  subject,
  problem: `${file}: ${rows} rows of "${table}" belong to rows of "${parent}" that are not there`,
  ...(mend === null
    ? { advice: 'restore a backup: what they belong to is lost' }
    : { repair: onLibrary(file, mend.text, [mend.sql]) }),
});

const missingObjects = async (
  file: string,
  dataDirectory: string,
  objects: Rows,
  columns: Rows,
): Promise<Found[]> => {
  const expected = await expectedSchema();
  const has = new Set(objects.map(({ type, name }) => `${type} ${name}`));
  const hasColumn = new Set(columns.map(({ owner, name }) => `${owner}.${name}`));
  const lost = (problem: string): Found => ({
    ...{ subject, problem: `${file}: ${problem}` },
    advice: waysOut(dataDirectory),
  });
  const missing = (type: SchemaObject['type']): SchemaObject[] =>
    expected.objects.filter((one) => one.type === type && !has.has(`${type} ${one.name}`));
  const tables = new Set(missing('table').map(({ name }) => name));
  return [
    ...[...tables].map((name) => lost(`its table "${name}" is missing`)),
    ...expected.columns
      .filter(({ owner, name }) => !tables.has(owner) && !hasColumn.has(`${owner}.${name}`))
      .map(({ owner, name }) => lost(`the column "${name}" of its table "${owner}" is missing`)),
    ...missing('index')
      .filter(({ owner }) => !tables.has(owner))
      .map(({ name, sql }) => ({
        subject,
        problem: `${file}: its index "${name}" is missing, and questions take longer`,
        repair: onLibrary(file, `make the index "${name}"`, [sql]),
      })),
  ];
};
