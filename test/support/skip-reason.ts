/** Appended to a suite's title when it is skipped; the summary of the run prints it. */
export const skipTitle = (title: string, name: string, reason: string): string =>
  `${title} [needs ${name}: ${reason}]`;

/** The reason that `skipTitle` left in a full test name, as `name: why`. */
export const skipReason = (fullName: string): string | null =>
  /\[needs ([^\]]+)\]/.exec(fullName)?.[1] ?? null;

/** Stands where a skipped test tells no reason. */
export const noReason = 'no reason given';
