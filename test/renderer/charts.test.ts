import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { heading, startExperiment, useWindow } from './support/use-window.ts';
import type { Window } from './support/use-window.ts';

const loss = (window: Window) => window.page.getByRole('figure', { name: /^Loss by/ });
const slider = (window: Window) => window.page.getByRole('slider', { name: /^Loss: place/ });
const range = async (window: Window): Promise<number[]> =>
  Promise.all(
    ['aria-valuemin', 'aria-valuemax'].map(async (name) => Number(await slider(window).getAttribute(name))),
  );

/** Runs that are done, named run 1, run 2, … */
const finishedRuns = async ({ page, server }: Window, count: number): Promise<void> => {
  const definition = {
    version: 1,
    name: 'many',
    model: 'model-1',
    dataset: 'dataset-1',
    training: { steps: 20, sequenceLength: 32 },
    configurations: Array.from({ length: count }, (_, index) => ({
      name: `run ${index + 1}`,
      adapter: { method: 'lora', rank: 4 },
    })),
  };
  const created = await server.router.call('experiments.create', { definition });
  if (!created.ok) throw new Error(created.error.message);
  const { id } = created.result as { id: string };
  await server.router.call('experiments.start', { id });
  await expect
    .poll(
      async () => {
        const shown = await server.router.call('experiments.show', { id });
        const { runs } = (shown.ok ? shown.result : { runs: [] }) as { runs: { status: string }[] };
        return runs.every(({ status }) => status === 'completed');
      },
      { timeout: 60_000 },
    )
    .toBe(true);
  await page.reload();
  await page.getByRole('link', { name: 'many' }).click();
  await heading(page, 'many').waitFor();
};

describeWith('chromium', 'a chart', ({ path }) => {
  const window = useWindow(path, { workbench: { stepMilliseconds: 2 } });
  const start = async (steps = 40): Promise<void> => {
    await startExperiment(window.page, steps);
    await window.page
      .getByRole('list', { name: 'Runs' })
      .getByText('Completed')
      .nth(1)
      .waitFor({ timeout: 40_000 });
    await slider(window).waitFor();
  };

  it('zooms to what is dragged over, asks for that range, and back', async () => {
    const { page } = window;
    await start();
    expect(await range(window)).toEqual([0, 40]);
    const box = (await loss(window).locator('.u-over').boundingBox())!;
    const middle = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.25, middle);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, middle + 4, { steps: 5 });
    const asked = page.waitForRequest((request) => request.postData()?.includes('"from"') === true);
    await page.mouse.up();
    expect((await asked).postDataJSON()).toMatchObject({
      params: { runIds: ['experiment-1-run-1', 'experiment-1-run-2'], from: expect.closeTo(9.8, 0) },
    });
    const [low, high] = await range(window);
    expect(low).toBeCloseTo(10, 0);
    expect(high).toBeCloseTo(20, 0);
    await page.getByRole('button', { name: 'Reset zoom' }).click();
    expect(await range(window)).toEqual([0, 40]);
  });

  it('is read and zoomed by keyboard', async () => {
    const { page } = window;
    await start();
    await slider(window).press('Home');
    await slider(window).press('ArrowRight');
    expect(await slider(window).getAttribute('aria-valuetext')).toMatch(
      /^Step 1: LoRA r6 train \d\.\d{4}, LoRA r6 held-out \d\.\d{4}, NoRA 64\/16 train/,
    );
    await loss(window).getByText('Step 1', { exact: true }).waitFor();
    await slider(window).press('+');
    await expect.poll(() => range(window), { timeout: 15_000 }).toEqual([0.5, 20.5]);
    await slider(window).press('0');
    await expect.poll(() => range(window), { timeout: 15_000 }).toEqual([0, 40]);
    await page.keyboard.press('Tab');
    await loss(window).getByText('Step 1', { exact: true }).waitFor({ state: 'detached' });
  });

  it('draws over time, on a logarithmic axis, and one metric alone', async () => {
    const { page } = window;
    await start();
    await page.getByRole('radio', { name: 'Time' }).click();
    await page.getByRole('figure', { name: /^Loss by training time/ }).waitFor();
    // About 0.21 s a step.
    await expect.poll(async () => (await range(window))[1], { timeout: 15_000 }).toBeGreaterThan(7);
    expect((await range(window))[1]).toBeLessThan(10);
    await page.getByRole('button', { name: 'Log axis: Loss' }).click();
    await page.getByRole('button', { name: 'held-out', exact: true }).click();
    await slider(window).press('End');
    expect(await slider(window).getAttribute('aria-valuetext')).toMatch(
      /^Training time \d\.\d+ s: LoRA r6 train \d\.\d{4}, NoRA/,
    );
  });

  it('hides a run and shows one alone', async () => {
    const { page } = window;
    await start();
    await page.getByRole('button', { name: 'Table: Loss' }).click();
    const rows = page.getByRole('group', { name: 'Loss in numbers' }).getByRole('rowheader');
    await page.getByRole('button', { name: 'LoRA r6', exact: true }).click();
    expect(await rows.allTextContents()).toEqual(['NoRA 64/16']);
    await page.getByText('1 of 2 shown').waitFor();
    await page.getByRole('button', { name: 'Only LoRA r6' }).click();
    expect(await rows.allTextContents()).toEqual(['LoRA r6']);
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await rows.count()).toBe(2);
  });

  it('is saved as the values that are stored, and as a picture', async () => {
    const { page, server } = window;
    await start(420); // more than a chart draws
    const save = async (item: RegExp): Promise<{ name: string; content: Buffer }> => {
      await page.getByRole('button', { name: 'Save: Loss' }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: item }).click(),
      ]);
      return { name: download.suggestedFilename(), content: await readFile(await download.path()) };
    };
    const csv = await save(/^CSV/);
    const stored = await server.router.call('runs.metrics', { id: 'experiment-1-run-1' });
    const values = (stored.ok ? stored.result : []) as { name: string; step: number; value: number }[];
    const losses = values.filter(({ name }) => name.endsWith('/loss'));
    const lines = csv.content.toString().trim().split('\r\n');
    expect(csv.name).toBe('loss.csv');
    expect(lines[0]).toBe('run,metric,step,value');
    expect(lines.filter((line) => line.startsWith('LoRA r6,')).sort()).toEqual(
      losses.map(({ name, step, value }) => `LoRA r6,${name},${step},${value}`).sort(),
    );
    const png = await save(/^PNG/);
    expect(png.name).toBe('loss.png');
    expect(png.content.subarray(1, 4).toString()).toBe('PNG');
    // Title, chart and a line of names.
    expect(png.content.readUInt32BE(20)).toBeGreaterThan(300);
  });

  it('has room for many runs: a list to filter, dashes from the ninth on, no dots', async () => {
    const { page } = window;
    await finishedRuns(window, 20);
    const list = page.getByRole('list', { name: 'Curves' });
    expect(await list.getByRole('listitem').count()).toBe(20);
    const dashes: (string | null)[] = await page.evaluate(
      `[...document.querySelectorAll('ul[aria-label="Curves"] path')].map((one) => one.getAttribute('stroke-dasharray'))`,
    );
    expect(dashes.slice(0, 8).every((dash) => dash === '')).toBe(true);
    expect(dashes.slice(8, 16).every((dash) => dash === '8 4')).toBe(true);
    await page.getByRole('searchbox', { name: 'Filter runs' }).fill('run 1');
    expect(await list.getByRole('listitem').count()).toBe(11);
    await list.getByRole('button', { name: 'run 12', exact: true }).hover();
    await page.locator('.frame.behind').waitFor();
    await loss(window).locator('.u-over').hover();
    await loss(window).getByText('and 12 more').waitFor();
  });
});

describeWith('chromium', 'a chart in forced colours', ({ path }) => {
  const window = useWindow(path, { workbench: { stepMilliseconds: 2 }, context: { forcedColors: 'active' } });

  it('draws its curves in the system’s colour, each in dashes of its own', async () => {
    const { page } = window;
    await startExperiment(page, 20);
    await page.getByRole('list', { name: 'Runs' }).getByText('Completed').nth(1).waitFor();
    const samples = (property: string): Promise<string[]> =>
      page.evaluate(
        `[...document.querySelectorAll('ul[aria-label="Curves"] path')].map((one) => getComputedStyle(one).${property})`,
      );
    expect(new Set(await samples('strokeDasharray')).size).toBe(2);
    const [colour] = await samples('stroke');
    const count: number = await page.evaluate(`(() => {
      const canvas = document.querySelector('figure .u-wrap > canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const wanted = '${colour}'.match(/\\d+/g).slice(0, 3).join();
      let count = 0;
      for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255 && data.slice(i, i + 3).join() === wanted) count++;
      return count;
    })()`);
    expect(count).toBeGreaterThan(500);
  });
});
