import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { writeFullLibrary } from '../bench/full-library.ts';
import { heading } from '../renderer/support/use-window.ts';
import { describeWith } from '../support/requirements.ts';
import { useWorkbench } from './use-workbench.ts';

/** Against hanging only; node test/bench/window.ts measures. */
const longestPaint = 10_000;
/** On a list's screen: what is drawn of a list does not grow with it. */
const mostNodes = 8000;
const firstPaint = `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0`;
const countNodes = `document.querySelectorAll('*').length`;

describeWith('chromium', 'a workbench with 2,000 runs', ({ path }) => {
  const journey = useWorkbench(path, {
    prepare: (directory) => writeFullLibrary(directory, { experiments: 200, runs: 10, recordedSteps: 4 }),
  });
  let page: Page;
  const show = async (title: string): Promise<void> => {
    await page.getByRole('navigation').getByRole('link', { name: title, exact: true }).click();
    await heading(page, title).waitFor();
  };

  beforeAll(async () => void ({ page } = await journey.open({ screen: 'home' })));

  it('opens on what is recent', async () => {
    const recent = page.getByRole('table', { name: 'Recent experiments' });
    await recent.getByRole('link', { name: 'ranks and rates 200' }).waitFor();
    expect(await recent.getByRole('row').count()).toBeLessThan(20);
    const paint = await page.evaluate<number>(firstPaint);
    expect(paint).toBeGreaterThan(0);
    expect(paint).toBeLessThan(longestPaint);
  });

  it('finds an experiment and opens it', async () => {
    await show('Experiments');
    const table = page.getByRole('table', { name: 'Experiments' });
    await table.getByRole('link', { name: 'ranks and rates 200' }).waitFor();
    expect(await table.getByRole('row').count()).toBeLessThan(150);
    expect(await page.evaluate<number>(countNodes)).toBeLessThan(mostNodes);
    await page.getByLabel('Find by name, model or data').fill('rates 17');
    await table.getByRole('link', { name: 'ranks and rates 17', exact: true }).click();
    await heading(page, 'ranks and rates 17').waitFor();
    await page.getByRole('list', { name: 'Runs' }).getByRole('listitem').first().waitFor();
    await page.locator('figure .u-wrap > canvas').first().waitFor();
  });

  it('filters all runs and compares two of several experiments', async () => {
    await show('Runs');
    await page.getByText('2,000 runs').waitFor();
    const rows = page.getByRole('table', { name: 'Runs' });
    await rows.getByRole('checkbox').first().waitFor();
    expect(await page.evaluate<number>(countNodes)).toBeLessThan(mostNodes);
    await page.getByLabel('Filter').fill('name = "NoRA 2"');
    await page.getByText('200 runs').waitFor();
    for (const experiment of [199, 200])
      await rows
        .getByRole('checkbox', { name: `Choose NoRA 2 of ranks and rates ${experiment}`, exact: true })
        .check();
    await page.getByRole('link', { name: /^Compare/ }).click();
    await heading(page, 'Chosen runs').waitFor();
    expect(await page.getByRole('table', { name: 'Comparison' }).getByRole('row').count()).toBe(3);
  });

  it('tells in the playground whose adapter of many a one is', async () => {
    await show('Playground');
    await page.getByRole('button', { name: 'LoRA 1 · ranks and rates 200', exact: true }).waitFor();
  });

  it('shows names whole in a narrow window', async () => {
    await page.setViewportSize({ width: 900, height: 900 });
    await show('Experiments');
    const name = page.getByRole('link', { name: 'ranks and rates 200' });
    const cell = page.getByRole('cell').filter({ has: name });
    const [room, needed] = await cell.evaluate(({ clientWidth, scrollWidth }) => [clientWidth, scrollWidth]);
    expect(needed).toBeLessThanOrEqual(room);
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it.each(['Adapters', 'Comparisons', 'Models', 'Data'])('opens %s', async (title) => {
    await show(title);
    expect(await page.evaluate<number>(countNodes)).toBeLessThan(mostNodes);
  });
});
