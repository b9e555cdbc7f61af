import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { invalidInput, WorkbenchError } from '../engine/errors.ts';
import { hubAddressAdvice, hubNameAdvice } from '../services/shared/hub-name.ts';
import { expandHome, fromFileUrl } from '../services/shared/path-text.ts';

/**
 * The whole path that a word of a command line means. A relative one counts from the shell's folder, one in a file from that file's. `~` is
 * filled in, since shells leave it where it is quoted, or stands behind `=` as in `--to=~/out`.
 * @param field for messages: `--to`
 * @param from the folder that relative paths count from
 */
export const givenPath = (text: string, field: string, from = process.cwd()): string => {
  if (text.trim() === '') throw invalidInput(`${field}: expected a path, not ${JSON.stringify(text)}`);
  const machine = { isWindows: process.platform === 'win32', home: homedir() };
  return resolve(from, fromFileUrl(text, machine) ?? expandHome(text, machine));
};

/**
 * The same for something to read: a name of the Hugging Face Hub is told from a path.
 * @throws WorkbenchError saying what to do with a name of the Hub
 */
export const givenSource = (text: string, field: string, from = process.cwd()): string => {
  const address = hubAddressAdvice(text);
  if (address !== null) throw invalidInput(`${field}: ${address}`);
  const path = givenPath(text, field, from);
  const advice = existsSync(path) ? null : hubNameAdvice(text);
  if (advice === null) return path;
  throw new WorkbenchError('not-found', `${field}: there is no ${path}; ${advice}`);
};
