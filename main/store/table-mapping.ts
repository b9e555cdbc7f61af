import type { Database } from 'better-sqlite3';

/** How a field is kept: as it is, as JSON text, or as 0 or 1. */
export type FieldKind = 'plain' | 'json' | 'flag';

type Row = Record<string, unknown>;

export interface TableMapping<Entry extends object> {
  /** For SELECT: every column, under its table's name. */
  readonly columns: string;
  readonly insert: (entry: Entry) => void;
  /** Sets the given fields of the entry with this id. */
  readonly update: (id: string, changes: Partial<Entry>) => void;
  readonly decode: (row: unknown) => Entry;
  /** All entries for a clause that follows FROM, as in `WHERE name = ? ORDER BY created_at`. */
  readonly select: (clause: string, ...values: unknown[]) => Entry[];
}

const columnOf = (field: string): string =>
  field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const encodeField = (kind: FieldKind, value: unknown): unknown => {
  if (kind === 'json') return value === null ? null : JSON.stringify(value);
  return kind === 'flag' ? Number(value) : value;
};

const decodeField = (kind: FieldKind, value: unknown): unknown => {
  if (kind === 'json') return value === null ? null : JSON.parse(value as string);
  return kind === 'flag' ? value === 1 : value;
};

/** Clause for an entry by its id or else its name, passed as `{ key }`. */
export const byIdOrName = 'WHERE @key IN (id, name) ORDER BY id = @key DESC';

/**
 * Maps a table to plain objects: the field `hiddenSize` is the column `hidden_size`.
 * @param kinds every field of an entry
 */
export const mapTable = <Entry extends object>(
  database: Database,
  table: string,
  kinds: Record<keyof Entry & string, FieldKind>,
): TableMapping<Entry> => {
  const fields = Object.entries(kinds) as [keyof Entry & string, FieldKind][];
  const names = fields.map(([field]) => columnOf(field));
  const columns = names.map((name) => `${table}.${name}`).join(', ');
  const insert = database.prepare(
    `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
  );
  const decode = (row: unknown): Entry =>
    Object.fromEntries(
      fields.map(([field, kind]) => [field, decodeField(kind, (row as Row)[columnOf(field)])]),
    ) as Entry;

  return {
    columns,
    decode,
    insert: (entry) => {
      insert.run(fields.map(([field, kind]) => encodeField(kind, entry[field])));
    },
    update: (id, changes) => {
      const changed = fields.filter(([field]) => changes[field] !== undefined);
      if (changed.length === 0) return;
      const assignments = changed.map(([field]) => `${columnOf(field)} = ?`).join(', ');
      const values = changed.map(([field, kind]) => encodeField(kind, changes[field]));
      database.prepare(`UPDATE ${table} SET ${assignments} WHERE id = ?`).run(...values, id);
    },
    select: (clause, ...values) =>
      database
        .prepare(`SELECT ${columns} FROM ${table} ${clause}`)
        .all(...values)
        .map(decode),
  };
};
