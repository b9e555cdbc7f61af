import { expect, it } from 'vitest';
import type { Dataset, Experiment } from '../../main/api/contract.ts';
import { describeWith } from '../support/requirements.ts';
import { heading, useWindow, newest } from './support/use-window.ts';

describeWith('chromium', 'classifiers', ({ path }) => {
  const window = useWindow(path);
  const answer = async <T>(method: 'datasets.list'): Promise<T> =>
    ((await window.server.router.call(method, {})) as { result: T }).result;

  const importData = async (): Promise<void> => {
    const { page } = window;
    await page.getByRole('link', { name: 'Data', exact: true }).first().click();
    await page.getByRole('button', { name: 'Import data' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Training file').fill('/data/reviews.jsonl');
    await dialog.getByRole('columnheader', { name: 'stars' }).waitFor();
    await dialog.getByLabel('Format').click();
    await page.getByRole('option', { name: 'Text with a class' }).click();
    for (const [part, column] of [
      ['Text', 'review'],
      ['Class', 'stars'],
    ] as const) {
      await dialog.getByRole('combobox', { name: new RegExp(`^${part}`) }).click();
      await page.getByRole('option', { name: column }).click();
    }
    await dialog.getByLabel('Name (optional)').fill('reviews');
    await dialog.getByRole('button', { name: 'Import' }).click();
    await heading(page, 'reviews').waitFor();
  };
  /** Until the window has heard of it. */
  const importEncoder = async (): Promise<void> => {
    await window.server.router.call('models.import', { directory: '/models/bert' });
    await window.page.getByRole('link', { name: 'Models' }).click();
    await window.page.getByRole('link', { name: 'bert', exact: true }).waitFor();
    await window.page.getByRole('link', { name: 'Experiments' }).first().click();
  };

  it('get their data by its columns', async () => {
    await importData();
    const imported = (await answer<Dataset[]>('datasets.list')).at(-1);
    expect(imported?.format).toEqual({ kind: 'classification', text: 'review', label: 'stars' });
    await window.page.getByText('Text with a class: review → stars').waitFor();
  });

  it('are chosen for it, with a head that is trained along', async () => {
    const { page } = window;
    await importEncoder();
    await importData();
    await page.getByRole('link', { name: 'New experiment' }).last().click();
    const card = page.getByRole('article').first();
    const head = card.getByRole('switch', { name: 'Train the head' });
    expect(await head.isChecked()).toBe(true);

    await head.click();
    await card.getByText('The head is made new, so it has to be trained.').waitFor();
    await page.getByText('One field needs attention.').waitFor();
    await head.click();
    expect(await page.getByRole('switch', { name: 'Packing' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await heading(page, 'LoRA and NoRA on reviews').waitFor();
    const created = await newest<Experiment>(window.server.router, 'experiments');
    expect(created.modelName).toBe('bert');
    for (const { adapter } of created.definition.configurations)
      expect(adapter).toMatchObject({ modulesToSave: ['classifier'] });
  });

  it('are not offered other data without a word', async () => {
    const { page } = window;
    await importEncoder();
    await page.getByRole('link', { name: 'New experiment' }).first().click();
    await page.getByLabel('Model', { exact: true }).click();
    await page.getByRole('option', { name: 'bert' }).click();
    await page.getByText('bert is a classifier and needs a class for each row.').waitFor();
    await page.getByLabel('Model', { exact: true }).click();
    await page.getByRole('option', { name: 'sample-llama' }).click();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await heading(page, 'LoRA and NoRA on sea-questions').waitFor();
    const created = await newest<Experiment>(window.server.router, 'experiments');
    expect(created.definition.configurations[0]!.adapter).toMatchObject({ modulesToSave: [] });
  });
});
