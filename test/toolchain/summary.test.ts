import { describe, expect, test } from 'vitest';
import { noReason, skipReason, skipTitle } from '../support/skip-reason.ts';
import { continuousIntegrationProblems, countLine, flakyLines, skipLines } from '../support/summary.ts';
import type { Summary } from '../support/summary.ts';

const clean: Summary = {
  passed: 3,
  failed: 0,
  skipped: [],
  flaky: [],
  errors: [],
  passedByFile: { 'test/e2e/window.test.ts': 1 },
};
const skipped = (name: string, reason: string) => ({ file: 'test/e2e/window.test.ts', name, reason });

describe('the last line', () => {
  test.each<[string, Partial<Summary>]>([
    ['3 passed, 0 failed', {}],
    ['3 passed, 2 failed', { failed: 2 }],
    ['3 passed, 2 failed', { failed: 1, errors: ['test/a.test.ts does not load'] }],
    ['3 passed, 0 failed, 1 skipped', { skipped: [skipped('opens', 'chromium: absent')] }],
  ])('%s', (line, change) => expect(countLine({ ...clean, ...change })).toBe(line));
});

test('skips are told with their reason, once for each file and reason', () => {
  const summary = {
    ...clean,
    skipped: [skipped('a', 'chromium: absent'), skipped('b', 'chromium: absent'), skipped('c', 'slow')],
  };
  expect(skipLines(summary)).toEqual([
    'skipped 2 in test/e2e/window.test.ts: chromium: absent',
    'skipped 1 in test/e2e/window.test.ts: slow',
  ]);
});

test('what passed at the second try is told by name', () => {
  const summary = { ...clean, flaky: [{ file: 'test/e2e/window.test.ts', name: 'opens' }] };
  expect(flakyLines(summary)).toEqual(['passed at the second try: test/e2e/window.test.ts: opens']);
});

test('the reason travels in the title', () => {
  expect(skipReason(`${skipTitle('window', 'chromium', 'no such file')} > opens`)).toBe(
    'chromium: no such file',
  );
  expect(skipReason('window > opens')).toBeNull();
});

describe('with CI=true', () => {
  test('a whole run is fine', () => {
    expect(continuousIntegrationProblems(clean, true)).toEqual([]);
  });

  test.each(['chromium', 'native'])('tests that need %s may not be skipped', (name) => {
    const summary = { ...clean, skipped: [skipped('a', `${name}: absent`)] };
    expect(continuousIntegrationProblems(summary, true)).toEqual([
      `CI must run the tests that need ${name}, but 1 were skipped`,
    ]);
  });

  test('no test may be skipped without telling why', () => {
    const summary = { ...clean, skipped: [skipped('opens', noReason)] };
    expect(continuousIntegrationProblems(summary, true)).toEqual([
      'test/e2e/window.test.ts: opens is skipped for no reason that it tells',
    ]);
  });

  test('tests that need Electron or the goldens may', () => {
    const summary = {
      ...clean,
      skipped: [skipped('a', 'electron: absent'), skipped('b', 'goldens: absent')],
    };
    expect(continuousIntegrationProblems(summary, true)).toEqual([]);
  });

  test('the browser tests must have run, unless only some tests were asked for', () => {
    const summary = { ...clean, passedByFile: { 'test/e2e/window.test.ts': 0 } };
    expect(continuousIntegrationProblems(summary, true)).toEqual([
      'CI must run the browser tests, but no test in test/e2e/ passed',
    ]);
    expect(continuousIntegrationProblems(summary, false)).toEqual([]);
  });
});
