import type { Database } from 'better-sqlite3';
import { invalidInput } from '../engine/errors.ts';

/** What part of a list is wanted: after `cursor`, which is what the page before gave, or from the start. */
export interface PageRequest {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface RecordPage<Item> {
  readonly items: Item[];
  /** Of all pages. */
  readonly total: number;
  /** Where the next page begins; null where this is the last. */
  readonly next: string | null;
}

export interface PagedQuery<Item> {
  /** Columns, as they follow SELECT. */
  readonly columns: string;
  /** Table and joins, as they follow FROM. */
  readonly from: string;
  /** Conditions that all must hold; with named values. */
  readonly where: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
  /** What it is sorted by before its rowid, which says what came first whatever the clock said then; null for that alone. */
  readonly key: string | null;
  readonly rowid: string;
  readonly descending: boolean;
  readonly decode: (row: unknown) => Item;
}

const writeCursor = (row: unknown): string => {
  const { page_key: key, page_rowid: rowid } = row as { page_key: string; page_rowid: number };
  return Buffer.from(JSON.stringify([key, rowid])).toString('base64url');
};

const readCursor = (cursor: string): [key: string, rowid: number] => {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const [key, rowid] = value as [unknown, unknown];
    if (typeof key === 'string' && typeof rowid === 'number') return [key, rowid];
  } catch {
    // not one of ours
  }
  throw invalidInput('cursor: is none that a list has given; leave it out to begin at the start');
};

/** Entries come and go between two pages without one being told twice or left out: a cursor names a place, not a count. */
export const readPage = <Item>(
  database: Database,
  query: PagedQuery<Item>,
  { cursor, limit }: PageRequest,
): RecordPage<Item> => {
  const { columns, from, key, rowid, descending, decode } = query;
  const first = key ?? "''";
  const conditions = (more: readonly string[]): string => {
    const all = [...query.where, ...more];
    return all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`;
  };
  const after = cursor === undefined ? null : readCursor(cursor);
  const sign = descending ? '<' : '>';
  const beyond =
    after === null
      ? []
      : [key === null ? `${rowid} ${sign} @afterRowid` : `(${key}, ${rowid}) ${sign} (@after, @afterRowid)`];
  const direction = descending ? 'DESC' : 'ASC';
  const rows = database
    .prepare(
      `SELECT ${columns}, ${first} AS page_key, ${rowid} AS page_rowid FROM ${from} ${conditions(beyond)}
        ORDER BY ${key === null ? '' : `${key} ${direction}, `}${rowid} ${direction} LIMIT @limit`,
    )
    .all({
      ...query.values,
      limit: limit + 1,
      ...(after && { ...(key !== null && { after: after[0] }), afterRowid: after[1] }),
    });
  const total = database
    .prepare(`SELECT count(*) FROM ${from} ${conditions([])}`)
    .pluck()
    .get({ ...query.values }) as number;
  const shown = rows.slice(0, limit);
  return {
    items: shown.map(decode),
    total,
    next: rows.length > limit ? writeCursor(shown.at(-1)) : null,
  };
};
