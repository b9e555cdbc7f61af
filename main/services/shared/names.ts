import { WorkbenchError } from '../../engine/errors.ts';
import { plainName } from '../../engine/plain-line.ts';

/** A name as part of a file name: lower case letters, digits and dashes. */
export const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60) || 'unnamed';

/** The name itself, or the first of `name 2`, `name 3`, … that is free. */
export const freeName = (name: string, isTaken: (name: string) => boolean, separator = ' '): string => {
  if (!isTaken(name)) return name;
  for (let number = 2; ; number++) {
    const candidate = `${name}${separator}${number}`;
    if (!isTaken(candidate)) return candidate;
  }
};

/**
 * The name that was asked for, or else the suggested one, with a number behind it where that is taken.
 * @param what for the message: `a model "x" in the library`
 * @throws WorkbenchError `conflict` when the name that was asked for is taken
 */
export const chooseName = (
  { asked, suggested }: { readonly asked: string | undefined; readonly suggested: string },
  taken: readonly string[],
  what: (name: string) => string,
): string => {
  if (asked === undefined) return freeName(plainName(suggested) || 'unnamed', (name) => taken.includes(name));
  refuseTaken(asked, taken, what);
  return asked;
};

/** @throws WorkbenchError `conflict` */
export const refuseTaken = (
  name: string | undefined,
  taken: readonly string[],
  what: (name: string) => string,
): void => {
  if (name === undefined || !taken.includes(name)) return;
  throw new WorkbenchError('conflict', `there is ${what(name)} already; choose another name`);
};
