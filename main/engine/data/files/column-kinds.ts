import { isObject } from '../../json-value.ts';
import { isWrittenFloat } from '../../formats/written-number.ts';

/** What a column holds, by its first value that is not empty. */
export type ColumnKind =
  | 'empty'
  | 'empty list'
  | 'text'
  | 'number'
  | 'flag'
  | 'messages'
  | 'messages as text'
  | 'texts'
  | 'list'
  | 'object';

export type Columns = ReadonlyMap<string, ColumnKind>;

/** Of all columns of some rows, in order of first appearance. */
export const columnKinds = (rows: Iterable<Readonly<Record<string, unknown>>>): Columns => {
  const kinds = new Map<string, ColumnKind>();
  for (const row of rows)
    for (const [column, value] of Object.entries(row))
      if (saysNothing(kinds.get(column) ?? 'empty')) kinds.set(column, kindOf(value));
  return kinds;
};

const kindOf = (value: unknown): ColumnKind => {
  if (value === null || value === '') return 'empty';
  if (typeof value === 'boolean' || value === 0 || value === 1) return 'flag';
  if (typeof value === 'string') return textKind(value);
  if (Array.isArray(value)) return listKind(value);
  return isObject(value) && !isWrittenFloat(value) ? 'object' : 'number';
};

const textKind = (text: string): ColumnKind => {
  if (/^(true|false|[01])$/i.test(text)) return 'flag';
  return /^\s*\[\s*\{\s*"(role|from|content|value)"\s*:/.test(text) ? 'messages as text' : 'text';
};

const listKind = (list: readonly unknown[]): ColumnKind => {
  if (list.length === 0) return 'empty list';
  if (list.every(isMessage)) return 'messages';
  return list.every((entry) => typeof entry === 'string') ? 'texts' : 'list';
};

const isMessage = (entry: unknown): boolean =>
  isObject(entry) && (Object.hasOwn(entry, 'role') || Object.hasOwn(entry, 'from'));

const saysNothing = (kind: ColumnKind): boolean => kind === 'empty' || kind === 'empty list';

/** Whether a value is no text and no entry. */
export const isEmpty = (value: unknown): boolean => value === undefined || saysNothing(kindOf(value));
