import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { useFullLibrary } from './support/use-full-library.ts';

describeWith('chromium', 'the table of runs, over the real store', ({ path }) => {
  const window = useFullLibrary(path, { experiments: 30, runs: 20, recordedSteps: 4 });
  let page: Page;
  let complaints: string[];
  beforeAll(() => void ({ page, complaints } = window));
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
    // Besides what says that they were archived, which goes a moment later.
    await page.getByText('2 runs', { exact: true }).waitFor();
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
