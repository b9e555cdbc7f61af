import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { heading, useWindow } from './support/use-window.ts';
import type { SampleStudy } from './support/fake-studies.ts';

const studies: SampleStudy['name'][] = ['answered', 'running', 'at chance', 'one seed', 'failed seeds'];

describeWith('chromium', 'the page of a comparison', ({ path }) => {
  const window = useWindow(path, { workbench: { studies } });
  const open = async (id: string, name: string): Promise<void> => {
    await window.page.evaluate(`location.hash = '#/comparisons/${id}'`);
    await heading(window.page, name).waitFor();
    await window.page.getByRole('heading', { name: /^Answer/ }).waitFor({ timeout: 30_000 });
  };
  const openAnswered = () => open('answered', 'LoRA against NoRA at equal parameters');
  const scores = () => window.page.getByRole('table', { name: 'Scores: ARC-Easy, accuracy' });
  const texts = async (row: RegExp): Promise<string> =>
    (await scores().getByRole('row', { name: row }).innerText()).replace(/\s+/g, ' ');

  it('leads there from the list, which says the answer in short', async () => {
    const { page } = window;
    await page.getByRole('navigation').getByRole('link', { name: 'Comparisons' }).click();
    const row = page.getByRole('row', { name: /LoRA against NoRA/ });
    await row.getByText(/^On accuracy \(ARC-Easy\) LoRA r16 is worse than NoRA/).waitFor({ timeout: 30_000 });
    expect(await row.getByRole('cell').nth(3).textContent()).toBe('5');
    await page
      .getByRole('row', { name: /under way/ })
      .getByText('Training: 2 of 6')
      .waitFor();
    await row.getByRole('link').click();
    await heading(page, 'LoRA against NoRA at equal parameters').waitFor();
  });

  it('shows what was found in the adapters, by arm, in common and by layer', async () => {
    const { page } = window;
    await openAnswered();
    const byArm = page.getByRole('table', { name: 'Diagnostics by arm' });
    await byArm.waitFor();
    expect(await byArm.getByRole('row', { name: /^Effective rank/ }).innerText()).toMatch(/\d\.\d/);
    expect(await byArm.getByRole('row', { name: /^Energy of W/ }).innerText()).toContain('–');
    const trained = byArm.getByRole('row', { name: /^Loss when trained/ }).getByRole('cell');
    expect(await trained.first().innerText()).toMatch(/^2\.1\d{3}\n2\.1\d{3} to 2\.1\d{3}$/);
    await page
      .getByRole('table', { name: 'What adapters have in common' })
      .getByRole('row', { name: /^Seeds of NoRA/ })
      .waitFor();
    const spectrum = page.getByRole('figure', { name: 'Singular values of what was learned' });
    await spectrum.getByRole('img').waitFor();
    await page.getByRole('combobox', { name: /Spectrum of/ }).click();
    await page.getByRole('option', { name: 'model.layers.1.mlp.down_proj' }).click();
    await spectrum.getByText('In numbers').click();
    expect(await spectrum.getByRole('row').count()).toBeGreaterThan(6);
  });

  it('asks for them where nobody had', async () => {
    const { page } = window;
    await open('at-chance', 'SmolLM2 on ARC-Easy, 40 steps');
    await page.getByRole('button', { name: 'Look into the adapters' }).click();
    await page.getByText('Diagnostics', { exact: true }).first().waitFor();
  });

  it('says the answer, then each arm beside the base and chance', async () => {
    const { page } = window;
    await openAnswered();
    await page
      .getByText(/^On accuracy \(ARC-Easy\) LoRA r16 is worse than NoRA 64\/38 by 7\.3 points/)
      .waitFor();
    const rows = await scores().getByRole('rowheader').allInnerTexts();
    expect(rows.map((row) => row.replace(/\s+/g, ' '))).toEqual([
      'Chance',
      'Base model',
      'LoRA r16 5 seeds',
      'NoRA 64/38 5 seeds',
    ]);
    expect(await texts(/^Chance/)).toContain('25.0 %');
    expect(await texts(/^Base model/)).toContain('29.3 %');
    expect(await texts(/^NoRA/)).toMatch(
      /57\.9 % ± 1\.3 % 55\.4 % to 60\.4 % better p < 0\.001 better p < 0\.001/,
    );
  });

  it('shows each pair with its tests, by keyboard too', async () => {
    const { page } = window;
    await openAnswered();
    const pairs = page.getByRole('table', { name: 'Pairs: ARC-Easy, accuracy' });
    const row = pairs.getByRole('row').filter({ hasText: 'LoRA r16 less NoRA 64/38' }).first();
    expect((await row.innerText()).replace(/\s+/g, ' ')).toMatch(
      /worse −7\.3 points −13\.2 to −1\.4 points.* 0\.026 0\.026 −0\.15/,
    );
    await pairs.getByText('t over seeds and items').waitFor();
    await pairs.getByText(/^only LoRA r16/).waitFor();
    const more = row.getByRole('button');
    expect(await more.getAttribute('aria-expanded')).toBe('true');
    await more.press('Enter');
    await pairs.getByText('t over seeds and items').waitFor({ state: 'hidden' });
  });

  it('says first where nothing is better than chance', async () => {
    const { page } = window;
    await open('at-chance', 'SmolLM2 on ARC-Easy, 40 steps');
    const metric = page.getByRole('article', { name: 'ARC-Easy, accuracy' });
    await metric
      .getByRole('status')
      .getByText(/No arm is better than chance/)
      .waitFor();
    await metric.getByText('read the warning first').waitFor();
    expect(await texts(/^LoRA/)).toContain('no better');
    const order: boolean = await page.evaluate(`(() => {
      const article = document.querySelector('article[aria-label="ARC-Easy, accuracy"]');
      const warning = article.querySelector('.message.warning');
      return Boolean(warning.compareDocumentPosition(article.querySelector('table')) & Node.DOCUMENT_POSITION_FOLLOWING);
    })()`);
    expect(order).toBe(true);
  });

  it('says what one seed and failed seeds leave open', async () => {
    const { page } = window;
    await open('one-seed', 'One seed only');
    await page
      .getByText(/nothing here speaks of the methods/)
      .first()
      .waitFor();
    expect(await texts(/^LoRA/)).toContain('1 seed');
    await open('failed-seeds', 'With seeds that failed');
    await page.getByRole('list', { name: 'Problems' }).getByText('out of memory').waitFor();
    expect(await texts(/^NoRA/)).toContain('1 seed, 2 missing');
    await page.getByRole('link', { name: 'NoRA 64/38, seed 2: failed' }).waitFor();
    await page.getByRole('button', { name: 'Try what failed again' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
  });

  it('shows which class was taken for which', async () => {
    const { page } = window;
    await open('one-seed', 'One seed only');
    await page.getByRole('button', { name: 'Topics: F1' }).click();
    const metric = page.getByRole('article', { name: 'topics, F1' });
    await metric.getByText('What was taken for what').click();
    const table = metric.getByRole('table', { name: /^LoRA r16, one run/ });
    const rows = await table.getByRole('row').allInnerTexts();
    expect(rows.map((row) => row.split(/\s*\t\s*/))).toContainEqual(['sport', '0', '3', '7', '0']);
  });

  it('lets one read what each arm answered, also only where they differ', async () => {
    const { page } = window;
    await openAnswered();
    const items = page.getByRole('list', { name: 'Items of ARC-Easy' });
    const first = items.getByRole('article').first();
    await first.getByText('Which of these is a renewable resource?').waitFor();
    await first.getByText('expected sunlight').waitFor();
    expect(await first.getByText('seed 4').count()).toBe(2);
    await page.getByText('1 to 5 of 400').waitFor();
    await page.getByRole('button', { name: 'Next items' }).press('Enter');
    await page.getByText('6 to 10 of 400').waitFor();
    await page.getByRole('switch', { name: 'Only where arms differ' }).click();
    const status = page.getByRole('status').filter({ hasText: /^1 to 5 of/ });
    await status.waitFor();
    expect(await status.textContent()).not.toContain('400');
    await page.getByRole('switch', { name: 'Only where arms differ' }).click();
    await page.getByRole('combobox', { name: /^Task/ }).click();
    await page.getByRole('option', { name: 'held-out' }).click();
    await page.getByRole('list', { name: 'Items of held-out' }).getByRole('article').first().waitFor();
  });

  it('draws fronts, curves and tuning, with the numbers beside', async () => {
    const { page } = window;
    await openAnswered();
    for (const name of [/against trained parameters$/, /by step: mean and/, /by learning rate$/]) {
      const figure = page.getByRole('figure', { name });
      await figure.getByRole('img').waitFor();
      await figure.getByRole('button', { name: /In numbers/ }).click();
      await figure.getByRole('table').waitFor();
    }
    const tuning = page.getByRole('figure', { name: /by learning rate$/ });
    await tuning
      .getByRole('row', { name: /LoRA r16 2e−4/ })
      .getByText('chosen')
      .waitFor();
    const costs = page.getByRole('table', { name: 'Costs' });
    await costs
      .getByRole('row', { name: /Seconds per step/ })
      .getByText(/1\.\d\d×/)
      .waitFor();
  });

  it.each([
    ['HTML', 'html'],
    ['LaTeX', 'tex'],
  ])('saves a report as %s', async (format, extension) => {
    const { page } = window;
    await openAnswered();
    await page.getByRole('button', { name: 'Report' }).press('Enter');
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: format }).click();
    expect((await download).suggestedFilename()).toBe(`LoRA against NoRA at equal parameters.${extension}`);
  });

  it('tells where a report fails', async () => {
    const { page, server } = window;
    server.failures.set('comparisons.report', 'nothing is completed yet');
    await openAnswered();
    await page.getByRole('button', { name: 'Report' }).click();
    await page.getByRole('menuitem', { name: 'JSON' }).click();
    await page.getByRole('alert').getByText('nothing is completed yet').waitFor();
  });

  it('follows a comparison under way, and pauses, goes on and cancels', async () => {
    const { page } = window;
    await page.evaluate(`location.hash = '#/comparisons/running'`);
    const phases = page.getByRole('list', { name: 'Phases' });
    await phases.getByText('2 of 6').waitFor();
    await page.getByRole('heading', { name: 'Answer so far' }).waitFor({ timeout: 30_000 });
    const grid = page.getByRole('table', { name: 'Runs by arm and seed' });
    await grid.getByText('84 / 200').waitFor();
    await grid.getByRole('link', { name: 'NoRA 64/38, seed 2: queued' }).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused').waitFor();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled').waitFor();
  });

  it('removes a comparison', async () => {
    const { page } = window;
    await openAnswered();
    await page.getByRole('button', { name: 'Remove the comparison' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await heading(page, 'Comparisons').waitFor();
    await page.getByRole('row', { name: /LoRA against NoRA at equal/ }).waitFor({ state: 'detached' });
  });

  it('fits into a narrow window without scrolling sideways', async () => {
    const { page } = window;
    await page.setViewportSize({ width: 1024, height: 700 });
    await openAnswered();
    const overflow: string[] = await page.evaluate(`[...document.querySelectorAll('html, main, main *')]
      .filter((element) => element.scrollWidth > element.clientWidth && /auto|scroll/.test(getComputedStyle(element).overflowX))
      .map((element) => element.tagName + '.' + element.className)`);
    expect(overflow).toEqual([]);
  });
});

describeWith('chromium', 'a window without comparisons', ({ path }) => {
  const window = useWindow(path);

  it('says what one is for, and where it starts', async () => {
    const { page } = window;
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await heading(page, 'Comparisons').waitFor();
    await page.getByText('No comparisons yet').waitFor();
    await page.getByRole('link', { name: 'New comparison' }).first().click();
    await heading(page, 'New comparison').waitFor();
  });
});
