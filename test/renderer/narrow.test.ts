import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { createExperiment, longName } from './support/long-experiment.ts';
import { useWindow } from './support/use-window.ts';

/** What scrolls sideways although it is no table in its frame; text that may be chosen or written scrolls by itself. */
const sideways = (page: Page): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll('html, main, main *')]
    .filter((element) => element.scrollWidth > element.clientWidth)
    .filter((element) => element.tagName === 'HTML' || /auto|scroll/.test(getComputedStyle(element).overflowX))
    .filter((element) => !element.matches('.table-frame, textarea, input'))
    .map((element) => element.tagName + '.' + element.className + ' ' + element.scrollWidth)`);

describeWith('chromium', 'a narrow window', ({ path }) => {
  const window = useWindow(path, { workbench: { stepMilliseconds: 1, studies: ['answered', 'running'] } });

  // 440 is what a window of 880 has at 200 %, 720 one of 1440.
  it.each([880, 720, 440])('scrolls no page sideways at %i px', async (width) => {
    const { page, server } = window;
    const id = await createExperiment(server, ['LoRA', longName, 'LoRA again']);
    await page.setViewportSize({ width, height: 450 });
    await page.evaluate(`location.hash = '#/experiments/${id}'`);
    await page.getByRole('button', { name: 'Export LoRA again' }).waitFor();
    const pages = [
      `experiments/${id}`,
      ...['experiments', 'experiments/new', 'comparisons', 'comparisons/answered', 'comparisons/running'],
      ...['comparisons/new', 'models', 'models/model-1', 'data', 'data/dataset-1', 'adapters', 'playground'],
      ...['methods', 'devices', 'doctor'],
    ];
    for (const hash of pages) {
      await page.evaluate(`location.hash = '#/${hash}'`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForTimeout(60);
      for (const button of await page.getByRole('button', { name: 'More settings' }).all())
        await button.click();
      expect(await sideways(page), hash).toEqual([]);
    }
    await page.evaluate(`location.hash = '#/comparisons/new'`);
    await page.getByRole('button', { name: /equal parameters/ }).click();
    await page.getByRole('button', { name: 'Create and start' }).waitFor();
    expect(await sideways(page), 'the form of a comparison').toEqual([]);
  });

  it('names the links of its sidebar although only their icons are shown', async () => {
    const { page } = window;
    await page.setViewportSize({ width: 440, height: 450 });
    await page.getByRole('navigation').getByRole('link', { name: 'Adapters' }).click();
    await page.getByRole('heading', { level: 1, name: 'Adapters' }).waitFor();
  });
});

describeWith('chromium', 'the page of an experiment with much in it', ({ path }) => {
  const window = useWindow(path, { workbench: { stepMilliseconds: 1 } });
  const runs = () => window.page.getByRole('list', { name: 'Runs' }).getByRole('listitem');

  it.each([1440, 952, 880, 600])(
    'keeps a long name apart from what stands beside it at %i px',
    async (width) => {
      const { page, server } = window;
      const id = await createExperiment(server, [longName, 'LoRA'], { steps: 5000 });
      await page.setViewportSize({ width, height: 800 });
      await page.evaluate(`location.hash = '#/experiments/${id}'`);
      await runs().first().getByText('Running').waitFor();
      const overlaps: { height: number } = await page.evaluate(`(() => {
      const row = document.querySelector('ul[aria-label="Runs"] > li');
      const within = row.getBoundingClientRect();
      const boxes = [...row.children].map((part) => part.getBoundingClientRect());
      const meet = (a, b) =>
        a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
      const isSpilt = (part) =>
        part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflowX === 'visible' &&
        part.clientWidth > 0;
      return {
        outside: boxes.filter(({ right, bottom }) => right > within.right + 1 || bottom > within.bottom + 1).length,
        over: boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => meet(a, b))).length,
        spilt: [...row.querySelectorAll('*')].filter(isSpilt).length,
        height: within.height,
      };
    })()`);
      expect(overlaps).toMatchObject({ outside: 0, over: 0, spilt: 0 });
      expect(overlaps.height).toBeLessThan(150);
      await page.getByTitle(longName).first().waitFor();
    },
  );

  it('shows first what matters of 50 runs, and all when asked', async () => {
    const { page, server } = window;
    const names = Array.from({ length: 50 }, (_, index) => `Run ${index + 1}`);
    const id = await createExperiment(server, names, { steps: 2 });
    await page.evaluate(`location.hash = '#/experiments/${id}'`);
    const table = page.getByRole('table', { name: 'Comparison' });
    await table.getByText('best', { exact: true }).waitFor({ timeout: 30_000 });
    expect(await runs().count()).toBe(8);
    expect(await table.getByRole('row').count()).toBe(2 + 8);
    await page.getByRole('button', { name: 'Show all 50 runs' }).first().click();
    expect((await table.getByRole('row').count()) + (await runs().count())).toBe(2 + 8 + 50);
    await page.getByRole('button', { name: 'Show all 50 runs' }).click();
    expect((await table.getByRole('row').count()) + (await runs().count())).toBe(2 + 50 + 50);
  });
});
