import { runApart, type Rows, type Statement } from './apart.ts';
import { migrations } from './migrations/index.ts';

/** A table or an index that migrations made. */
export interface SchemaObject {
  readonly type: 'table' | 'index';
  readonly name: string;
  /** The table that an index is of; a table's own name. */
  readonly owner: string;
  readonly sql: string;
}

/** What a table refers to by one of its columns. */
interface Reference {
  readonly table: string;
  readonly id: number;
  readonly column: string;
  readonly parent: string;
  readonly parentColumn: string;
  readonly onDelete: string;
}

export const objectsSql = `SELECT type, name, tbl_name AS owner, sql FROM sqlite_schema
  WHERE type IN ('table', 'index') AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%'`;

export const columnsSql = `SELECT tables.name AS owner, columns.name AS name
  FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns
  WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'`;

const referencesSql = `SELECT tables.name AS "table", keys.id AS id, keys."from" AS "column", keys."table" AS parent,
    keys."to" AS parentColumn, keys.on_delete AS onDelete
  FROM sqlite_schema AS tables JOIN pragma_foreign_key_list(tables.name) AS keys WHERE tables.type = 'table'`;

/** What this release's migrations make of an empty library. */
export const expectedSchema = async () => {
  const scripts = migrations.map((sql): Statement => ({ sql, isScript: true }));
  const questions = [objectsSql, columnsSql, referencesSql].map((sql) => ({ sql }));
  const rows = await runApart(':memory:', [...scripts, ...questions], { readonly: false });
  const [objects, columns, references] = rows.slice(scripts.length) as unknown as [
    readonly SchemaObject[],
    readonly { readonly owner: string; readonly name: string }[],
    readonly Reference[],
  ];
  return { objects, columns, references };
};

/**
 * Rows that refer to what is not there, by what they are and refer to.
 * @param rows what `PRAGMA foreign_key_check` gave
 */
export const brokenReferences = async (rows: Rows) => {
  if (rows.length === 0) return [];
  const { references } = await expectedSchema();
  const groups = Map.groupBy(rows, ({ table, fkid }) => `${table} ${fkid}`);
  return [...groups.values()].map((group) => {
    const { table, parent, fkid } = group[0] as { table: string; parent: string; fkid: number };
    const reference = references.find((one) => one.table === table && one.id === fkid);
    return { table, parent, rows: group.length, mend: reference === undefined ? null : mendOf(reference) };
  });
};

/** As if what they refer to had been removed in its order; null where that would have been refused. */
const mendOf = ({ table, column, parent, parentColumn, onDelete }: Reference) => {
  const dangling = `${column} IS NOT NULL AND ${column} NOT IN (SELECT ${parentColumn} FROM ${parent})`;
  if (onDelete === 'CASCADE')
    return { text: `remove these rows of "${table}"`, sql: `DELETE FROM ${table} WHERE ${dangling}` };
  if (onDelete === 'SET NULL')
    return {
      text: `have these rows of "${table}" belong to none`,
      sql: `UPDATE ${table} SET ${column} = NULL WHERE ${dangling}`,
    };
  return null;
};
