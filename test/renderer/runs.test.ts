import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeFullLibrary } from '../bench/full-library.ts';
import { startRealWorkbench, type RealWorkbench } from '../e2e/real-workbench.ts';
import { describeWith } from '../support/requirements.ts';
import { launchBrowser, openPage } from './support/browser.ts';

describeWith('chromium', 'the table of runs, over the real store', ({ path }) => {
  let directory: string;
  let workbench: RealWorkbench;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'nora-runs-'));
    await writeFullLibrary(directory, { experiments: 30, runs: 20, recordedSteps: 4 });
    workbench = await startRealWorkbench(directory);
    browser = await launchBrowser(path);
    ({ page, complaints } = await openPage(browser));
    await page.goto(workbench.loginUrl);
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.getByText('600 runs').waitFor();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await workbench?.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const boxes = () => page.getByRole('table', { name: 'Runs' }).getByRole('checkbox');

  it('has no more rows than are looked at, and goes to its end', async () => {
    await boxes().first().waitFor();
    expect(await boxes().count()).toBeLessThan(60);
    const region = page.getByRole('region', { name: /Table of runs/ });
    await region.focus();
    await page.keyboard.press('End');
    await page.getByRole('checkbox', { name: 'Choose NoRA 20 of ranks and rates 1', exact: true }).waitFor();
    await page.keyboard.press('Home');
    await page.getByRole('checkbox', { name: 'Choose LoRA 1 of ranks and rates 30', exact: true }).waitFor();
  });

  it('chooses by keys, tags, archives and takes that back', async () => {
    await page.getByRole('region', { name: /Table of runs/ }).focus();
    for (const key of ['x', 'j', 'j', 'x', 'k']) await page.keyboard.press(key);
    await page.getByText('2 chosen').waitFor();
    await page.getByLabel('Tag', { exact: true }).fill('best');
    await page.getByRole('button', { name: 'Add tag' }).click();
    await page.getByLabel('Filter').fill('tag = best');
    await page.getByRole('button', { name: 'Archive', exact: true }).click();
    await page.getByText('0 runs').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('2 runs').waitFor();
  });

  it('says where a filter goes wrong', async () => {
    await page.getByLabel('Filter').fill('method = nora and');
    await page.getByText('filter, at 18: expected the name of a column, not the end').waitFor();
    await page.getByLabel('Filter').fill('');
    await page.getByText('600 runs').waitFor();
  });

  it('compares runs of several experiments side by side', async () => {
    await page.getByLabel('Filter').fill('name = "LoRA 1"');
    await page.getByText('30 runs').waitFor();
    await boxes().nth(0).check();
    await boxes().nth(1).check();
    await page.getByRole('link', { name: 'Compare' }).click();
    await page.getByRole('heading', { level: 1, name: 'Chosen runs' }).waitFor();
    await page.getByRole('table', { name: 'Comparison' }).waitFor();
    expect(await page.getByRole('table', { name: 'Comparison' }).getByRole('link').count()).toBe(2);
    expect(complaints).toEqual([]);
  });
});
