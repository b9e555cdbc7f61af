import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { WorkbenchError } from '../../engine/errors.ts';
import { writeFileWhole } from '../../engine/formats/atomic-file.ts';
import { readJsonObject } from '../../engine/formats/json-text.ts';
import { makeFolderForGroup } from '../../engine/formats/group-rights.ts';

export interface KeptAnswers<Answer> {
  /** @param about all that the answer depends on */
  find(about: unknown): Answer | undefined;
  keep(about: unknown, answer: Answer): void;
}

const sumOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

const fileSchema = z.strictObject({ sha256: z.string(), answer: z.unknown() });

/** Answers in files of a folder that can be emptied at any time: what can't be read, or isn't what was written, is as good as not there. */
export const keptAnswers = <Schema extends z.ZodType>(
  directory: string,
  schema: Schema,
): KeptAnswers<z.output<Schema>> => {
  const fileOf = (about: unknown): string => join(directory, `${sumOf(about)}.json`);
  return {
    find: (about) => {
      const file = fileOf(about);
      if (!existsSync(file)) return undefined;
      try {
        const read = fileSchema.safeParse(readJsonObject(file)).data;
        if (read?.answer === undefined || read.sha256 !== sumOf(read.answer)) return undefined;
        return schema.safeParse(read.answer).data;
      } catch (error) {
        if (error instanceof WorkbenchError) return undefined;
        throw error;
      }
    },
    keep: (about, answer) => {
      makeFolderForGroup(directory);
      writeFileWhole(fileOf(about), JSON.stringify({ sha256: sumOf(answer), answer }));
    },
  };
};
