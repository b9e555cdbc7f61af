/**
 * `npm run mutate`: breaks each security line, one by one, in a copy of the checkout, and runs the tests that are to see it. A mutation that no test
 * fails under is missed, and so is one whose text is not there any more; either ends with 1. Words choose among them:
 * `npm run mutate -- main/shell "the cookie"`.
 */
import { mutations } from './all-mutations.ts';
import { mutated } from './apply-mutation.ts';
import type { Mutation } from './mutation.ts';
import { runTests } from './run-tests.ts';
import { createScratchCopy, type ScratchCopy } from './scratch-copy.ts';

interface Verdict {
  readonly isCaught: boolean;
  readonly detail: string;
}

const words = process.argv.slice(2);
const chosen = mutations.filter(
  ({ file, what }) => words.length === 0 || words.some((word) => `${file} ${what}`.includes(word)),
);

const tryMutation = async (copy: ScratchCopy, mutation: Mutation): Promise<Verdict> => {
  const source = copy.read(mutation.file);
  try {
    copy.write(mutation.file, mutated(source, mutation));
    const { failed, passed, hasStrayError, output } = await runTests(copy.directory, mutation.tests);
    if (failed.length > 0) return { isCaught: true, detail: `${failed.length} tests, "${failed[0]}"` };
    if (hasStrayError) return { isCaught: true, detail: 'an error that no test is about' };
    // A file that can't be read any more would look caught, whatever the tests are about.
    if (passed === 0) return { isCaught: false, detail: `no test ran: ${output.slice(-500)}` };
    return { isCaught: false, detail: `${passed} tests passed: ${mutation.tests.join(', ')}` };
  } catch (error) {
    return { isCaught: false, detail: (error as Error).message };
  } finally {
    copy.write(mutation.file, source);
  }
};

const began = performance.now();
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(0)} s`;
const copy = createScratchCopy();
let missed = 0;
try {
  const files = [...new Set(chosen.flatMap(({ tests }) => tests.map((test) => test.split(' > ', 1)[0]!)))];
  const before = await runTests(copy.directory, files);
  if (before.failed.length > 0 || before.passed === 0 || before.hasStrayError)
    throw new Error(
      `the tests fail before anything is mutated: ${before.failed.join('; ') || before.output}`,
    );
  for (const mutation of chosen) {
    const since = performance.now();
    const { isCaught, detail } = await tryMutation(copy, mutation);
    if (!isCaught) missed += 1;
    console.log(
      `${isCaught ? 'caught' : 'MISSED'}  ${mutation.file}: ${mutation.what} (${detail}; ${seconds(since)})`,
    );
  }
} finally {
  copy.remove();
}
console.log(`${chosen.length - missed} of ${chosen.length} mutations caught in ${seconds(began)}`);
process.exitCode = missed === 0 ? 0 : 1;
