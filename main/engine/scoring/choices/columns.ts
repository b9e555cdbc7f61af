import type { Row } from '../../data/files/dataset-file.ts';
import { columnText } from '../../data/tokens/row-text.ts';
import { invalidInput } from '../../errors.ts';
import { scalarText } from '../../formats/written-number.ts';

/** A column's text without white space around it. @throws WorkbenchError naming file, line and column */
export const trimmed = (row: Row, column: string, place: string): string =>
  columnText(row, column, place).trim();

/** A list of texts. @throws WorkbenchError naming file, line and column */
export const textList = (value: unknown, place: string): string[] => {
  if (!Array.isArray(value)) throw invalidInput(`${place}: should be a list of texts`);
  return value.map((entry: unknown, index) => {
    const text = scalarText(entry);
    if (text === undefined) throw invalidInput(`${place}, entry ${index + 1}: should be a text`);
    return text;
  });
};

/** `A`, `B`, ... */
export const letters = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => String.fromCharCode(65 + index));

/** `0`, `1`, ... or from another number on. */
export const numbers = (count: number, first = 0): string[] =>
  Array.from({ length: count }, (_, index) => String(index + first));
