import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';
import { root } from './paths.ts';
import { noReason, skipReason } from './skip-reason.ts';
import type { Summary } from './summary.ts';

/** Writes the run's summary to the file that NORA_TEST_SUMMARY names, for `test/run.ts` to print when Vitest is done printing. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const file = process.env['NORA_TEST_SUMMARY'];
    if (file) writeFileSync(file, JSON.stringify(summarize(modules, unhandled)));
  }
}

const summarize = (modules: readonly TestModule[], unhandled: readonly SerializedError[]): Summary => {
  const summary: Summary = {
    passed: 0,
    failed: 0,
    skipped: [],
    flaky: [],
    errors: unhandled.map((error) => error.message),
    passedByFile: {},
  };
  for (const module of modules) {
    const file = relative(root, module.moduleId).replaceAll('\\', '/');
    summary.passedByFile[file] = 0;
    summary.errors.push(...module.errors().map((error) => `${file}: ${error.message}`));
    for (const suite of module.children.allSuites()) {
      summary.errors.push(...suite.errors().map((error) => `${file}: ${suite.fullName}: ${error.message}`));
    }
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === 'passed') {
        summary.passed++;
        if (test.diagnostic()?.flaky === true) summary.flaky.push({ file, name: test.fullName });
        summary.passedByFile[file]++;
      } else if (result.state === 'failed') summary.failed++;
      else {
        const note = result.state === 'skipped' ? result.note : undefined;
        summary.skipped.push({
          file,
          name: test.fullName,
          reason: skipReason(test.fullName) ?? note ?? noReason,
        });
      }
    }
  }
  return summary;
};
