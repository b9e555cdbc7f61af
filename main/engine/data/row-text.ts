import { invalidInput } from '../errors.ts';

/** @throws WorkbenchError where the column is missing or holds no text */
export function columnText(row: Readonly<Record<string, unknown>>, column: string, place: string): string {
  if (!Object.hasOwn(row, column)) throw invalidInput(`${place}: column "${column}" is missing`);
  const value = row[column];
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw invalidInput(
    `${place}: column "${column}" holds ${Array.isArray(value) ? 'a list' : 'an object'}, not text`,
  );
}
