import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { contrast } from './support/contrast.ts';
import { heading, startExperiment, useWindow } from './support/use-window.ts';

const surfaces = [
  'background',
  'background-side',
  'background-raised',
  'background-sunken',
  'background-hover',
];
const textPairs = [
  ...surfaces.flatMap((surface) => [`text on ${surface}`, `text-muted on ${surface}`]),
  ...['background', 'background-raised', 'accent-soft'].map((surface) => `accent on ${surface}`),
  ...['accent', 'accent-strong'].map((surface) => `on-accent on ${surface}`),
  ...['positive', 'warning', 'negative'].flatMap((tone) => [
    `${tone} on ${tone}-soft`,
    `${tone} on background`,
  ]),
  'text on accent-soft',
];
const graphicPairs = [
  ...Array.from({ length: 8 }, (_, index) => `run-${index + 1} on background`),
  'border-control on background',
  'border-control on background-raised',
  'focus on background',
];

describeWith('chromium', 'light and dark', ({ path }) => {
  const window = useWindow(path, { context: { colorScheme: 'dark' } });
  const background = (): Promise<string> =>
    window.page.evaluate('getComputedStyle(document.body).backgroundColor');
  const dark = 'rgb(23, 24, 28)';
  const light = 'rgb(255, 255, 255)';

  it('follows the system until the person chooses, and keeps the choice', async () => {
    const { page } = window;
    expect(await background()).toBe(dark);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await background()).toBe(light);
    await page.getByRole('button', { name: 'Switch to dark theme' }).click();
    expect(await background()).toBe(dark);
    await page.reload();
    await heading(page, 'Experiments').waitFor();
    expect(await background()).toBe(dark);
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('radio', { name: 'System' }).click();
    expect(await background()).toBe(light);
  });

  it.each(['light', 'dark'] as const)('has enough contrast in %s (WCAG AA)', async (colorScheme) => {
    const { page } = window;
    await page.emulateMedia({ colorScheme });
    const tooLow = async (pairs: string[], least: number): Promise<string[]> => {
      const measured = await Promise.all(
        pairs.map(async (pair) => ({ pair, ratio: await contrast(page, pair) })),
      );
      return measured
        .filter(({ ratio }) => ratio < least)
        .map(({ pair, ratio }) => `${pair}: ${ratio.toFixed(2)}`);
    };
    expect(await tooLow(textPairs, 4.5)).toEqual([]);
    expect(await tooLow(graphicPairs, 3)).toEqual([]);
  });

  it('fits into 1024 × 700 without scrolling sideways', async () => {
    const { page } = window;
    await page.setViewportSize({ width: 1024, height: 700 });
    const overflow = (): Promise<string[]> =>
      page.evaluate(`[...document.querySelectorAll('html, main, main *')]
        .filter((element) => element.scrollWidth > element.clientWidth && /auto|scroll/.test(getComputedStyle(element).overflowX))
        .map((element) => element.tagName + '.' + element.className)`);
    await page.getByRole('link', { name: 'New experiment' }).first().click();
    await page.getByRole('button', { name: 'More settings' }).click();
    expect(await overflow()).toEqual([]);
    await page.goBack();
    await startExperiment(page, 5);
    await page.getByRole('button', { name: 'Export NoRA 64/16' }).waitFor();
    expect(await overflow()).toEqual([]);
    for (const hash of [
      'experiments',
      'models',
      'models/model-1',
      'data',
      'data/dataset-1',
      'adapters',
      'doctor',
    ]) {
      await page.evaluate(`location.hash = '#/${hash}'`);
      await page.waitForTimeout(50);
      expect(await overflow(), hash).toEqual([]);
    }
  });
});
