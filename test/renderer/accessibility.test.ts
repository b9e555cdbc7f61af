import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { heading, startExperiment, useWindow } from './support/use-window.ts';

const pages = [
  ...[
    'home',
    'experiments',
    'experiments/new',
    'runs',
    'comparisons',
    'comparisons/new',
    'comparisons/answered',
  ],
  ...['comparisons/running', 'models', 'models/model-1', 'data', 'data/dataset-1', 'adapters', 'playground'],
  ...['blind', 'methods', 'devices', 'doctor', 'settings', 'about', 'nowhere'],
];

describeWith('chromium', 'accessibility', ({ path }) => {
  const window = useWindow(path, { workbench: { stepMilliseconds: 1, studies: ['answered', 'running'] } });

  it.each(['light', 'dark'] as const)('axe finds nothing on any page, %s', async (colorScheme) => {
    const { page } = window;
    await page.emulateMedia({ colorScheme });
    await startExperiment(page, 20);
    await page.getByRole('region', { name: 'Result', exact: true }).waitFor();
    await page.locator('figure .u-wrap > canvas').waitFor();
    const found: Record<string, string[]> = { 'experiments/1': await axeFindings(page) };
    for (const hash of pages) {
      await page.evaluate(`location.hash = '#/${hash}'`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForTimeout(300);
      found[hash] = await axeFindings(page);
    }
    expect(Object.fromEntries(Object.entries(found).filter(([, findings]) => findings.length > 0))).toEqual(
      {},
    );
  });

  it('axe finds nothing in what opens over a page', async () => {
    const { page } = window;
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await heading(page, 'Models').waitFor();
    await page.keyboard.press('i');
    await page.getByRole('dialog').waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });
});
