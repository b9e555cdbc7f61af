import { anywhere } from './repositories/experiment-summaries.ts';
import { runColumn } from './run-columns.ts';

export type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~';

/** A filter of runs as it was read. */
export type RunFilter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly RunFilter[] }
  | { readonly kind: 'not'; readonly part: RunFilter }
  | {
      readonly kind: 'compare';
      readonly column: string;
      readonly comparator: Comparator;
      readonly value: string | number;
    };

export interface Condition {
  readonly sql: string;
  readonly values: Readonly<Record<string, string | number>>;
}

/** A condition that is 0 or 1, never NULL: what has no value is unlike every value, and neither below nor above any. */
export const filterCondition = (filter: RunFilter): Condition => {
  const values: Record<string, string | number> = {};
  let count = 0;
  const bind = (value: string | number): string => {
    const name = `filter${count++}`;
    values[name] = value;
    return name;
  };
  const write = (part: RunFilter): string => {
    if (part.kind === 'not') return `NOT ${write(part.part)}`;
    if (part.kind !== 'compare')
      return `(${part.parts.map(write).join(part.kind === 'and' ? ' AND ' : ' OR ')})`;
    return compare(part);
  };
  const compare = ({ column, comparator, value }: Extract<RunFilter, { kind: 'compare' }>): string => {
    if (column === 'tag') {
      const isLike = comparator === '~';
      const wanted = bind(isLike ? anywhere(String(value)) : String(value));
      const test = isLike ? String.raw`tag LIKE @${wanted} ESCAPE '\'` : `tag = @${wanted} COLLATE NOCASE`;
      const some = `EXISTS (SELECT 1 FROM run_tags WHERE run_id = runs.id AND ${test})`;
      return comparator === '!=' ? `NOT ${some}` : some;
    }
    const parameter = `filter${count}`;
    const known = runColumn(column, parameter)!;
    if (known.bound !== undefined) bind(known.bound);
    if (comparator === '~')
      return String.raw`coalesce(${known.sql} LIKE @${bind(anywhere(String(value)))} ESCAPE '\', 0)`;
    const name = `@${bind(value)}`;
    const collate = typeof value === 'string' ? ' COLLATE NOCASE' : '';
    if (comparator === '=') return `(${known.sql} IS ${name}${collate})`;
    if (comparator === '!=') return `(${known.sql} IS NOT ${name}${collate})`;
    return `coalesce(${known.sql} ${comparator} ${name}${collate}, 0)`;
  };
  const sql = write(filter);
  return { sql, values };
};
