import { existsSync, writeFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { heading } from '../renderer/support/use-window.ts';
import { describeWith } from '../support/requirements.ts';
import { writeTinyModel } from '../support/tiny-model.ts';
import { useWorkbench } from './use-workbench.ts';

const trainingTime = 600_000;

// One story in order: each test goes on where the one before ended.
describeWith('chromium', 'each screen’s main task, on the real services', ({ path }) => {
  const journey = useWorkbench(path);
  let page: Page;
  const show = async (title: string): Promise<void> => {
    await page.getByRole('navigation').getByRole('link', { name: title, exact: true }).click();
    await heading(page, title).waitFor();
  };
  const browse = async (dialog: Locator, title: string, beside: string): Promise<Locator> => {
    await dialog.getByRole('textbox').first().fill(beside);
    await dialog.getByRole('button', { name: 'Browse…' }).first().click();
    return page.getByRole('dialog', { name: title });
  };

  beforeAll(async () => {
    writeTinyModel(journey.path('models', 'tiny'));
    writeFileSync(
      journey.path('whales.csv'),
      ['question,answer', ...Array.from({ length: 30 }, (_, row) => `Who is number ${row}?,A whale`)].join(
        '\n',
      ),
    );
    ({ page } = await journey.open());
  });

  it('imports a model that the folder browser finds', async () => {
    await show('Models');
    await page.getByRole('button', { name: 'Import model' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Import a model' });
    const browser = await browse(dialog, 'Choose a model folder', journey.path('models'));
    await browser.getByRole('option', { name: 'tiny model' }).click();
    await browser.getByRole('button', { name: 'Choose “tiny”' }).click();
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await heading(page, 'tiny').waitFor();
    await page
      .getByRole('row', { name: /q_proj/ })
      .first()
      .waitFor();
  });

  it('imports data, and shows what is trained on', async () => {
    await show('Data');
    await page.getByRole('button', { name: 'Import data' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Import data' });
    const browser = await browse(dialog, 'Choose a file', journey.path('gone.csv'));
    await browser.getByRole('option', { name: /whales\.csv/ }).dblclick();
    await browser.waitFor({ state: 'detached' });
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await heading(page, 'whales').waitFor();
    await page.getByText('A whale').first().or(page.locator('.target').first()).first().waitFor();
  });

  it('compares two methods over two seeds', { timeout: trainingTime }, async () => {
    await show('Comparisons');
    await page.getByRole('link', { name: 'New comparison' }).first().click();
    for (const [field, name] of [
      ['Model', 'tiny'],
      ['Data', 'whales'],
    ] as const) {
      await page.getByRole('combobox', { name: new RegExp(`^${field}`) }).click();
      await page.getByRole('option', { name }).click();
    }
    await page.getByRole('button', { name: /^From nothing/ }).click();
    await page.getByLabel('Outer rank').fill('8');
    await page.getByLabel('Inner rank', { exact: true }).fill('2');
    await page.getByLabel('Seeds', { exact: true }).fill('1, 2');
    await page.getByLabel('Steps', { exact: true }).fill('6');
    await page.getByLabel('Batch size').fill('2');
    await page.getByLabel('Sequence length').fill('32');
    const name = await page.getByLabel('Name', { exact: true }).inputValue();
    await page.getByRole('list', { name: 'Plan' }).waitFor();
    for (const confound of await page.getByRole('checkbox', { name: /^Accept/ }).all())
      await confound.check();
    await page.getByRole('button', { name: 'Create and start' }).click();
    await heading(page, name).waitFor();
    await page.getByRole('heading', { name: /^Answer/ }).waitFor({ timeout: trainingTime });
    await page.getByText('Completed', { exact: true }).first().waitFor({ timeout: trainingTime });
    await show('Comparisons');
    const row = page.getByRole('row', { name: new RegExp(name) });
    await row.getByText(/^On /).waitFor();
    expect((await row.boundingBox())!.height).toBeLessThan(100); // in short, whatever the answer's length
  });

  it('shows the adapters, and exports one that is a model again', { timeout: trainingTime }, async () => {
    await show('Adapters');
    await page
      .getByRole('button', { name: /^Export/ })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Merged weights…' }).click();
    await page.getByRole('dialog').getByLabel('Folder').fill(journey.path('merged'));
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
    await expect
      .poll(() => existsSync(journey.path('merged', 'model.safetensors')), { timeout: 120_000 })
      .toBe(true);
    await show('Models');
    await page.getByRole('button', { name: 'Import model' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Import a model' });
    await dialog.getByLabel('Folder').fill(journey.path('merged'));
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await heading(page, 'merged').waitFor();
  });

  it('makes room on the disk', async () => {
    await show('Settings');
    const cache = page.getByRole('row', { name: /^Cache/ });
    await cache.getByRole('button', { name: 'Clear cache' }).click();
    await page.getByText(/^Removed \d+ files?,/).waitFor();
    await cache.getByText('0 B', { exact: true }).waitFor();
  });

  it.each([
    ['Methods', /NoRA/],
    ['Devices', /CPU/],
    ['Doctor', /ONNX Runtime/],
    ['About', /onnxruntime-node/],
  ])('opens %s', async (title, content) => {
    await show(title);
    await page.getByRole('main').getByText(content).first().waitFor();
  });
});
