import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser, openPage } from '../renderer/support/browser.ts';
import type { WatchedPage } from '../renderer/support/browser.ts';
import { describeWith } from '../support/requirements.ts';
import { startRealWorkbench } from './real-workbench.ts';
import type { RealWorkbench } from './real-workbench.ts';

const steps = 30;
const trainingTime = 180_000;
const name = 'the main job';

// One story in order: each test goes on where the one before ended.
describeWith('chromium', 'the main job, in a real browser on the real engine', ({ path }) => {
  let directory: string;
  let workbench: RealWorkbench;
  let browser: Browser;
  let window: WatchedPage;

  const open = async (): Promise<void> => {
    workbench = await startRealWorkbench(join(directory, 'data'));
    window = await openPage(browser);
    await window.page.goto(workbench.loginUrl);
  };
  const table = () => window.page.getByRole('table', { name: 'Comparison' });
  const run = (method: string) =>
    window.page.getByRole('list', { name: 'Runs' }).getByRole('listitem').filter({ hasText: method });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nora-main-job-'));
    browser = await launchBrowser(path);
    await open();
  });
  afterAll(async () => {
    await browser?.close();
    await workbench?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('shows the sample model and data', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByRole('row').filter({ hasText: 'sample' }).first().waitFor();
    await page.getByRole('link', { name: 'Data', exact: true }).click();
    await page.getByRole('row').filter({ hasText: 'sample' }).getByRole('link').first().click();
    await page.getByRole('region', { name: 'Tokens of example 1' }).locator('.target').first().waitFor();
  });

  it('creates an experiment with LoRA and NoRA and starts it', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'New experiment' }).click();
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('Steps', { exact: true }).fill(String(steps));
    await page.getByLabel('Batch size').fill('2');
    await page.getByLabel('Sequence length').fill('64');
    await page.getByRole('button', { name: 'More settings' }).click();
    await page.getByLabel('Evaluate every').fill('4');
    await page.getByLabel('Evaluation batches').fill('4');
    for (const card of await page.getByRole('article').all())
      await card.getByLabel('Learning rate').fill('1e-3');
    await page.getByRole('button', { name: 'Create and start' }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
  });

  it('draws the curves while the runs go on, then the comparison', { timeout: trainingTime }, async () => {
    const { page } = window;
    await page.locator('figure .u-wrap > canvas').waitFor({ timeout: trainingTime });
    await page.getByRole('button', { name: 'Table: Loss' }).click();
    const numbers = page.getByRole('group', { name: 'Loss in numbers' });
    expect(await run('NoRA').getByText('Completed').count()).toBe(0); // they are there before the end
    const values = () => numbers.textContent();
    const earlier = await values();
    await expect.poll(values, { timeout: trainingTime }).not.toBe(earlier);
    for (const method of ['LoRA', 'NoRA'])
      await run(method).getByText('Completed').waitFor({ timeout: trainingTime });
    const results = table()
      .getByRole('row')
      .filter({ has: page.getByRole('button', { name: /^Export/ }) });
    await expect.poll(() => results.count()).toBe(2);
    await table().getByText('best', { exact: true }).waitFor();
    const rows = await numbers.getByRole('row').allTextContents();
    expect(rows.filter((text) => /\d\.\d{4}.*\d\.\d{4}/.test(text))).toHaveLength(2);
  });

  it('exports the merged weights of the best', { timeout: trainingTime }, async () => {
    const { page } = window;
    const destination = join(directory, 'merged');
    const best = table().getByRole('row').filter({ hasText: 'best' });
    await best.getByRole('button', { name: /^Export/ }).click();
    await page.getByRole('menuitem', { name: 'Merged weights…' }).click();
    await page.getByRole('dialog').getByLabel('Folder').fill(destination);
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
    const exported = page.getByRole('list', { name: 'Exports' }).getByRole('listitem');
    await exported.getByText('Exported', { exact: true }).waitFor({ timeout: trainingTime });
    await exported.getByText(/Largest logit difference/).waitFor();
    expect(existsSync(join(destination, 'config.json'))).toBe(true);
    expect((await readdir(destination)).some((file) => file.endsWith('.safetensors'))).toBe(true);
  });

  it('refuses to export over what is there, and says so in the dialog or at the export', async () => {
    const { page } = window;
    await table()
      .getByRole('button', { name: /^Export/ })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'PEFT adapter…' }).click();
    await page.getByRole('dialog').getByLabel('Folder').fill(join(directory, 'merged'));
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
    await page.getByRole('alert').filter({ hasText: 'merged' }).first().waitFor();
    await page.keyboard.press('Escape');
  });

  it('finds everything again after a restart', async () => {
    const before = await table().getByRole('row').allTextContents();
    expect(window.complaints).toEqual([]);
    await window.page.context().close();
    await workbench.stop();
    await open();
    const { page } = window;
    await page.getByRole('row').filter({ hasText: name }).getByRole('link').click();
    await page.locator('figure .u-wrap > canvas').waitFor();
    await table().getByText('best', { exact: true }).waitFor();
    expect(await table().getByRole('row').allTextContents()).toEqual(before);
    await page
      .getByRole('list', { name: 'Exports' })
      .getByText(/Largest logit difference/)
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'Adapters' }).click();
    await expect.poll(() => page.getByRole('row').filter({ hasText: name }).count()).toBe(2);
    expect(window.complaints).toEqual([]);
  });
});
