/**
 * A number of a data file with a point or an exponent, where a JavaScript number would not be written as the file has it: 1.0, 0.10,
 * 1e5. As text it keeps the file's characters; a template gets a float, as Python has one.
 */
export interface WrittenFloat {
  readonly float: number;
  /** As it stands in the file. */
  readonly source: string;
}

const writtenFloats = new WeakSet<object>();

export const isWrittenFloat = (value: unknown): value is WrittenFloat =>
  typeof value === 'object' && value !== null && writtenFloats.has(value);

/**
 * What JSON's number becomes. Whole numbers are numbers, or bigints where a number would have other digits, as Python's int; others are
 * numbers where they are written as JavaScript would write them, and marked where not.
 * @param source a number as JSON allows it. Undefined where it is too large for a double: Python would read infinity
 */
export const readNumber = (source: string): number | bigint | WrittenFloat | undefined => {
  const value = Number(source);
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source);
  if (!Number.isFinite(value)) return undefined;
  if (!Number.isInteger(value) && String(value) === source) return value;
  const written = { float: value, source };
  writtenFloats.add(written);
  return written;
};

/** A value of a row as text: numbers as the file has them, null as none. Undefined for lists and objects. */
export const scalarText = (value: unknown): string | undefined => {
  if (value === null) return '';
  if (isWrittenFloat(value)) return value.source;
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? String(value)
    : undefined;
};
