import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface TestsRun {
  readonly passed: number;
  /** Whole names. */
  readonly failed: readonly string[];
  /** Whether something was thrown that no test was about, which fails a run too. */
  readonly hasStrayError: boolean;
  /** What Vitest said. */
  readonly output: string;
}

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** A mutation that makes a test wait for ever is seen, too, after this. */
const longestMilliseconds = '120000';

/**
 * @param directory of a checkout
 * @param tests files, or `file > name` of one whose other tests take too long
 */
export const runTests = async (directory: string, tests: readonly string[]): Promise<TestsRun> => {
  const [files, names] = [0, 1].map((part) => tests.flatMap((test) => test.split(' > ')[part] ?? []));
  const reportFile = join(directory, 'mutation-report.json');
  rmSync(reportFile, { force: true });
  const vitest = spawn(
    process.execPath,
    [
      join(directory, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=json',
      `--outputFile=${reportFile}`,
      `--testTimeout=${longestMilliseconds}`,
      `--hookTimeout=${longestMilliseconds}`,
      ...files!,
      ...(names!.length === tests.length ? ['--testNamePattern', names!.join('|')] : []),
    ],
    { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [vitest.stdout, vitest.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(vitest, 'close')) as [number | null];
  if (!existsSync(reportFile)) return { passed: 0, failed: [], hasStrayError: false, output };
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
  const failed = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
    .map(({ fullName }) => fullName);
  const hasStrayError = code !== 0 && failed.length === 0 && report.numPassedTests > 0;
  return { passed: report.numPassedTests, failed, hasStrayError, output };
};
