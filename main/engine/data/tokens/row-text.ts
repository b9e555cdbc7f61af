import { invalidInput } from '../../errors.ts';
import { scalarText } from '../../formats/written-number.ts';

/** @throws WorkbenchError where the column is missing or holds no text */
export const columnText = (row: Readonly<Record<string, unknown>>, column: string, place: string): string => {
  if (!Object.hasOwn(row, column)) throw invalidInput(`${place}: column "${column}" is missing`);
  const value = row[column];
  const text = scalarText(value);
  if (text !== undefined) return text;
  throw invalidInput(
    `${place}: column "${column}" holds ${Array.isArray(value) ? 'a list' : 'an object'}, not text`,
  );
};
