import { noReason } from './skip-reason.ts';

/** What a run of all tests came to. */
export interface Summary {
  passed: number;
  failed: number;
  skipped: { file: string; name: string; reason: string }[];
  /** Tests that passed at their second try. */
  flaky: { file: string; name: string }[];
  /** Errors outside of any test: a file that does not load, an unhandled rejection. Each counts as a failure. */
  errors: string[];
  /** Tests passed in each file, relative to the checkout. */
  passedByFile: Record<string, number>;
}

/** `3 passed, 0 failed` or `3 passed, 0 failed, 2 skipped` */
export const countLine = ({ passed, failed, skipped, errors }: Summary): string => {
  const counts = `${passed} passed, ${failed + errors.length} failed`;
  return skipped.length === 0 ? counts : `${counts}, ${skipped.length} skipped`;
};

/** One line for each file and reason, not for each test. */
export const skipLines = ({ skipped }: Summary): string[] => {
  const groups = new Map<string, number>();
  for (const { file, reason } of skipped) {
    const key = `${file}: ${reason}`;
    groups.set(key, (groups.get(key) ?? 0) + 1);
  }
  return [...groups].map(([key, count]) => `skipped ${count} in ${key}`);
};

export const flakyLines = ({ flaky }: Summary): string[] =>
  flaky.map(({ file, name }) => `passed at the second try: ${file}: ${name}`);

/** What must not happen on a machine that has been set up to run everything; empty when all is well. */
export const continuousIntegrationProblems = (
  { skipped, passedByFile }: Summary,
  whole: boolean,
  required: string[] = ['chromium', 'native', 'webgpu'],
): string[] => {
  const problems = required.flatMap((name) => {
    const count = skipped.filter(({ reason }) => reason.startsWith(`${name}:`)).length;
    return count === 0 ? [] : [`CI must run the tests that need ${name}, but ${count} were skipped`];
  });
  for (const { file, name, reason } of skipped)
    if (reason === noReason) problems.push(`${file}: ${name} is skipped for no reason that it tells`);
  const inBrowser = Object.entries(passedByFile).some(
    ([file, passed]) => file.startsWith('test/e2e/') && passed > 0,
  );
  return whole && !inBrowser
    ? [...problems, 'CI must run the browser tests, but no test in test/e2e/ passed']
    : problems;
};
