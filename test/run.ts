/**
 * `npm test`: builds what the tests need, runs them, and ends with one line of counts. Arguments go to Vitest
 * (`npm test -- test/shell`). With CI=true nothing may be skipped for want of a browser, a software GPU or the native addon; with
 * NORA_NATIVE=0 it is to be done without the addon.
 */
import { buildForTests } from './support/builds.ts';
import { continuousIntegrationProblems, countLine, flakyLines, skipLines } from './support/summary.ts';
import { runVitest } from './support/vitest-process.ts';

const extra = process.argv.slice(2);
/** NORA_REQUIRE names more things (electron, goldens) for which CI may not skip tests. */
const required = [
  'chromium',
  ...(process.env['NORA_NATIVE'] === '0' ? [] : ['native']),
  'webgpu',
  ...(process.env['NORA_REQUIRE'] ?? '').split(',').filter(Boolean),
];

const problems = buildForTests();
const summary = await runVitest(extra);
if (process.env['CI'] === 'true')
  problems.push(...continuousIntegrationProblems(summary, extra.length === 0, required));
summary.errors.push(...problems);

console.log();
for (const error of summary.errors) console.log(`error: ${error.split('\n')[0]}`);
for (const line of [...flakyLines(summary), ...skipLines(summary)]) console.log(line);
console.log(countLine(summary));
process.exitCode = summary.failed + summary.errors.length === 0 ? 0 : 1;
