import type { z } from 'zod';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { check, inOneLine, problemText } from '../problems.ts';
import { readJsonObject } from './json-text.ts';

/**
 * Reads one of the workbench's own JSON files, whose schema has a literal `formatVersion`.
 * @throws WorkbenchError 'newer-version' where that is another, 'invalid-input' naming file and field otherwise
 */
export const readVersionedJson = <Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): z.output<Schema> => {
  const { value, problems } = check(schema, readJsonObject(file));
  if (problems.length === 0) return value as z.output<Schema>;
  if (problems[0]?.path[0] === 'formatVersion')
    throw new WorkbenchError('newer-version', `${file}: written by a newer version of the workbench`);
  throw invalidInput(`${file}: ${inOneLine(problems.map(problemText))}`);
};
