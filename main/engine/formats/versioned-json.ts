import type { z } from 'zod';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { readJsonObject } from './json-text.ts';

/**
 * Reads one of the workbench's own JSON files, whose schema has a literal `formatVersion`.
 * @throws WorkbenchError 'newer-version' where that is another, 'invalid-input' naming file and field otherwise
 */
export const readVersionedJson = <Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): z.output<Schema> => {
  const parsed = schema.safeParse(readJsonObject(file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.path[0] === 'formatVersion')
    throw new WorkbenchError('newer-version', `${file}: written by a newer version of the workbench`);
  throw invalidInput(`${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
};
