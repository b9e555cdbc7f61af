import { expect, it } from 'vitest';
import { describeWith } from '../../support/requirements.ts';
import { createButton, createdExperiment, openForm } from '../support/experiment-form.ts';
import { useWindow } from '../support/use-window.ts';

describeWith('chromium', 'what a new experiment would take', ({ path }) => {
  const window = useWindow(path);

  it('shows the tokens with their loss mask, and why nothing is left to train on', async () => {
    const { page } = window;
    await openForm(window);
    const tokens = page.getByRole('region', { name: 'Tokens of example 1' });
    await tokens.waitFor();
    expect(await tokens.locator('.context').first().textContent()).toBe('Q:');
    expect(await tokens.locator('.target').count()).toBeGreaterThan(5);
    await page.getByRole('button', { name: 'Next example' }).click();
    await page.getByText('2 of 5').waitFor();
    await page.getByText('12 cut at 256').waitFor();
    await page.getByRole('status').getByText("3 of 1840 rows begin with the tokenizer's own <s>").waitFor();
    await page.getByLabel('Sequence length').fill('4');
    await page.getByText('1,840 cut at 4').waitFor();
    await page.getByRole('alert').getByText('nothing to train on').waitFor();
    await page.getByRole('radio', { name: 'All tokens' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it('shows what the runs would take, and what would make them fit', async () => {
    const { page } = window;
    await openForm(window);
    const memory = page.getByRole('region', { name: 'Memory' });
    const run = memory.getByRole('listitem').filter({ hasText: 'LoRA r6' });
    await run.getByText('about 1.82 GB').waitFor();
    await memory.getByText('4.00 GB available now').waitFor();
    expect(await run.getByRole('img').getAttribute('aria-label')).toBe(
      'Weights 500 MB, Activations 1.02 GB, Adapter and optimiser 100 MB, Program 200 MB',
    );
    expect(await memory.getByRole('switch').count()).toBe(0);

    await page.getByLabel('Batch size').fill('16');
    await run.getByText('about 4.90 GB').waitFor();
    await memory
      .getByText('Not expected to fit. About 928 MB with low memory, batch size 1, 16 batches a step.')
      .waitFor();
    await memory.getByRole('switch', { name: 'Start even if it may not fit' }).waitFor();
    await memory.getByRole('button', { name: 'Use these settings' }).click();
    await run.getByText('about 928 MB').waitFor();
    await memory.getByText('Not expected to fit').waitFor({ state: 'detached' });

    await createButton(window.page).click();
    expect((await createdExperiment(window)).definition.training).toMatchObject({
      memory: 'low',
      batchSize: 1,
      gradientAccumulation: 16,
      memoryCheck: 'refuse',
    });
  });

  it('lets a run start that may not fit', async () => {
    const { page } = window;
    await openForm(window);
    await page.getByLabel('Batch size').fill('16');
    await page.getByRole('switch', { name: 'Start even if it may not fit' }).click();
    await createButton(window.page).click();
    expect((await createdExperiment(window)).definition.training).toMatchObject({
      memory: 'fast',
      memoryCheck: 'off',
    });
  });

  it('offers low memory, and says that other devices are not estimated', async () => {
    const { page } = window;
    await openForm(window);
    const memory = page.getByRole('region', { name: 'Memory' });
    await page.getByRole('radio', { name: 'Low memory' }).click();
    await memory.getByText('about 1.31 GB').first().waitFor();
    await page.getByRole('combobox', { name: /^Device/ }).click();
    await page.getByRole('option', { name: 'WebGPU' }).click();
    await memory.getByText('Estimated for runs on the CPU only.').waitFor();
  });
});
