import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { useWindow } from './support/use-window.ts';

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
  ...['models', 'models/model-1', 'data', 'data/dataset-1', 'adapters', 'playground', 'methods', 'devices'],
  ...['doctor', 'settings', 'about'],
];

/** How far content moved that a person may already have been looking at: the sum that the browser itself makes of it. */
const watchShifts = `
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      shifts.push({ value: entry.value, sources: entry.sources.map(({ node }) => node?.parentElement?.className + ' > ' + (node?.className ?? node?.textContent)) });
  }).observe({ type: 'layout-shift', buffered: true });`;

describeWith('chromium', 'while something is awaited', ({ path }) => {
  const window = useWindow(path, { workbench: { studies: ['answered'] } });

  it('stands in its place, and nothing else moves when it comes', async () => {
    const { page, server } = window;
    await page.addInitScript({ content: watchShifts });
    // Each answer comes late enough for what stands in its place to be drawn.
    await page.route('**/api/**', async (route) => {
      await new Promise((done) => setTimeout(done, 250));
      await route.continue().catch(() => {});
    });
    const moved: Record<string, unknown> = {};
    for (const hash of pages) {
      await page.goto('about:blank');
      await page.goto(`${new URL(server.loginUrl).origin}/#/${hash}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('.skeleton').first().waitFor({ state: 'detached' });
      await expect.poll(() => page.locator('.skeleton').count()).toBe(0);
      const shifts = await page.evaluate<{ value: number }[]>('shifts');
      const sum = shifts.reduce((total, { value }) => total + value, 0);
      if (sum > 0.1) moved[hash] = shifts;
    }
    expect(moved).toEqual({});
  });
});
