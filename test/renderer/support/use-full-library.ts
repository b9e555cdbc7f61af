import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { writeFullLibrary } from '../../bench/full-library.ts';
import { startRealWorkbench, type RealWorkbench } from '../../e2e/real-workbench.ts';
import { launchBrowser, openPage } from './browser.ts';
import type { WatchedPage } from './browser.ts';

/** One window for a suite, on the table of a library of many runs in a real store. */
export const useFullLibrary = (
  chromium: string,
  size: Parameters<typeof writeFullLibrary>[1],
): WatchedPage => {
  const window = {} as WatchedPage;
  let directory: string;
  let workbench: RealWorkbench;
  let browser: Browser;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'nora-runs-'));
    await writeFullLibrary(directory, size);
    workbench = await startRealWorkbench(directory);
    browser = await launchBrowser(chromium);
    Object.assign(window, await openPage(browser));
    await window.page.goto(workbench.loginUrl);
    await window.page.getByRole('link', { name: 'Runs', exact: true }).click();
    await window.page.getByText(`${size.experiments * size.runs} runs`).waitFor();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await workbench?.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  return window;
};
