import { isWrittenFloat, scalarText } from './written-number.ts';

/** A value of a row as JSON, its numbers as the file has them. */
export const writtenJson = (value: unknown): string => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(writtenJson).join(', ')}]`;
  if (typeof value !== 'object' || isWrittenFloat(value)) return scalarText(value) ?? 'null';
  const entries = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${writtenJson(each)}`);
  return `{${entries.join(', ')}}`;
};
