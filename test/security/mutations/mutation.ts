/** One security line made wrong, as a careless change would, and the tests that have to see it. */
export interface Mutation {
  /** What would be open. */
  readonly what: string;
  /** From the checkout's root; it holds the text exactly once. */
  readonly file: string;
  readonly text: string;
  readonly becomes: string;
  /** Files, or `file > name`. */
  readonly tests: readonly string[];
}

/** As most are written: of one file, seen by the same tests. */
export const mutationsOf = (
  file: string,
  tests: readonly string[],
  changes: readonly (readonly [what: string, text: string, becomes: string])[],
): Mutation[] => changes.map(([what, text, becomes]) => ({ what, file, text, becomes, tests }));
