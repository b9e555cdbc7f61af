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
