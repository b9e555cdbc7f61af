import { parseArgs } from 'node:util';
import { WorkbenchError } from '../../../main/engine/errors.ts';
import { architectureFolders, goldenMethods, readExpected } from './golden-folder.ts';
import { errorTable } from './error-table.ts';
import { failuresOf, runCase, tolerances, type CaseErrors } from './run-case.ts';

const usage = 'usage: npm run -s golden -- DIR... [--arch NAME] [--method NAME] [--json | --table]';

type Outcome =
  | { arch: string; method: string; status: 'passed' | 'failed'; errors: CaseErrors; outside: string[] }
  | { arch: string; method: string; status: 'unsupported' | 'error'; reason: string };

const runOne = async (
  arch: string,
  folder: string,
  method: string,
  others: readonly string[],
): Promise<Outcome> => {
  if (!Object.hasOwn(goldenMethods, method))
    return { arch, method, status: 'unsupported', reason: `the method ${method} is not supported yet` };
  try {
    const errors = await runCase(folder, method, others);
    const outside = failuresOf(errors);
    return { arch, method, status: outside.length === 0 ? 'passed' : 'failed', errors, outside };
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    return {
      arch,
      method,
      status: error.code === 'unsupported' ? 'unsupported' : 'error',
      reason: error.message,
    };
  }
};

const line = (outcome: Outcome): string => {
  const title = `${outcome.status.padEnd(11)} ${outcome.arch}/${outcome.method}`.padEnd(44);
  if (!('errors' in outcome)) return `${title} ${outcome.reason}`;
  const numbers = Object.entries(outcome.errors).map(
    ([name, value]) => `${name} ${value === null ? '-' : value === 0 ? '0' : value.toExponential(1)}`,
  );
  return `${title} ${numbers.join('  ')}${outcome.outside.length ? `  outside: ${outcome.outside.join(', ')}` : ''}`;
};

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      arch: { type: 'string' },
      method: { type: 'string' },
      json: { type: 'boolean' },
      table: { type: 'boolean' },
    },
  });
  if (positionals.length === 0) throw new WorkbenchError('invalid-input', usage);

  const named = (asked: string | undefined) => (name: string) => asked === undefined || name === asked;
  const outcomes: Outcome[] = [];
  const folders = positionals.flatMap(architectureFolders).filter((one) => named(values.arch)(one.name));
  for (const { name, folder } of folders)
    for (const method of Object.keys(readExpected(folder).methods).filter(named(values.method))) {
      // A case that stands in several folders is the same in each.
      if (outcomes.some((one) => one.arch === name && one.method === method)) continue;
      const others = folders.filter((other) => other.name === name).map((other) => other.folder);
      const outcome = await runOne(name, folder, method, others);
      outcomes.push(outcome);
      if (!values.json && !values.table) console.log(line(outcome));
    }
  if (outcomes.length === 0)
    throw new WorkbenchError('not-found', `${positionals.join(', ')}: no case matches`);

  // What was asked for by name must run; in a sweep over everything, what is not supported yet is told but no failure.
  const asked = values.arch !== undefined && values.method !== undefined;
  const failed = outcomes.filter(
    ({ status }) => status === 'failed' || status === 'error' || (asked && status === 'unsupported'),
  );
  const passed = outcomes.filter(({ status }) => status === 'passed');
  const succeeded = failed.length === 0 && passed.length > 0;
  if (values.json) console.log(JSON.stringify({ passed: succeeded, tolerances, cases: outcomes }, null, 2));
  else if (values.table) console.log(errorTable(passed.flatMap((one) => ('errors' in one ? [one] : []))));
  else
    console.log(
      `${passed.length} passed, ${failed.length} failed, ${outcomes.length - passed.length - failed.length} not supported yet`,
    );
  return succeeded ? 0 : 1;
};

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof WorkbenchError) && !(error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS'))
    throw error;
  console.error((error as Error).message);
  process.exitCode = 2;
}
