import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeWith } from '../../support/requirements.ts';
import { createButton, createdExperiment, openForm } from '../support/experiment-form.ts';
import { heading, useWindow } from '../support/use-window.ts';

describeWith('chromium', 'drafts of a new experiment', ({ path }) => {
  const window = useWindow(path);

  it('keeps what was typed when one leaves, until it is discarded or created', async () => {
    const { page } = window;
    const away = async (): Promise<void> => {
      await page.getByRole('link', { name: 'Models' }).click();
      await heading(page, 'Models').waitFor();
    };
    const steps = page.getByLabel('Steps', { exact: true });
    const inner = page.getByLabel('Inner rank', { exact: true });
    const back = async (): Promise<void> => {
      await page.evaluate(`location.hash = '#/experiments/new'`);
      await heading(page, 'New experiment').waitFor();
    };
    await openForm(window);
    await away();
    await back();
    expect(await page.getByRole('button', { name: 'Discard draft' }).count()).toBe(0);
    await steps.fill('12');
    await inner.fill('');
    await away(); // at once: nothing has settled yet
    await back();
    expect([await steps.inputValue(), await inner.inputValue()]).toEqual(['12', '']);
    await page.reload();
    await heading(page, 'New experiment').waitFor();
    expect([await steps.inputValue(), await inner.inputValue()]).toEqual(['12', '']);
    await inner.fill('32');
    await page.getByRole('article', { name: 'LoRA r12' }).waitFor(); // still as large as the other
    await page.getByRole('button', { name: 'Discard draft' }).click();
    await expect.poll(() => steps.inputValue()).toBe('100');
    expect(await page.getByRole('button', { name: 'Discard draft' }).count()).toBe(0);
    await heading(page, 'New experiment').and(page.locator(':focus')).waitFor();
    await steps.fill('13');
    await createButton(window.page).click();
    await createdExperiment(window);
    await back();
    expect(await steps.inputValue()).toBe('100');
  });

  it('opens what is left of a draft that it does not understand', async () => {
    const { page } = window;
    const draft = {
      model: 'gone',
      dataset: 'dataset-1',
      seed: 'x',
      training: { steps: 'many', batchSize: 2, schedule: 'wave', colour: 'red' },
      configurations: [
        null,
        { adapter: { method: 'no-such' } },
        {
          key: 7,
          adapter: { method: 'lora', rank: 3, alpha: 'much', other: 1 },
          equalTo: 8,
          training: { x: 1 },
        },
      ],
    };
    const leave = (value: unknown): Promise<void> =>
      page.evaluate((text) => localStorage.setItem('draft: experiment', text), JSON.stringify(value));
    await leave({ version: 1, origin: '', draft });
    await openForm(window);
    expect(await page.getByLabel('Batch size').inputValue()).toBe('2');
    expect(await page.getByLabel('Steps', { exact: true }).inputValue()).toBe('100');
    expect(await page.getByLabel('Alpha').inputValue()).toBe('32');
    expect(await page.getByRole('article').count()).toBe(1);
    await page.getByText('Choose a model.').waitFor();
    for (const other of [{ version: 99, draft }, 'text', null, { version: 1, draft: 3 }]) {
      await leave(other);
      await page.reload();
      await page.getByRole('article', { name: 'LoRA r6' }).waitFor();
    }
  });

  it('starts from the demo, a template and a YAML file, and saves both', async () => {
    const { page } = window;
    await openForm(window);
    const startFrom = async (item: RegExp): Promise<void> => {
      await page.getByRole('button', { name: 'Start from' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await startFrom(/^The demo/);
    await page.getByRole('article', { name: 'LoRA r4' }).waitFor();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Demo');
    expect(await page.getByLabel('Steps', { exact: true }).inputValue()).toBe('12');

    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('menuitem', { name: /^As a template/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Mine');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: /^As a YAML file/ }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('demo.yaml');
    const text = readFileSync(await download.path(), 'utf8');
    expect(text).toContain('model: sample-llama');

    const file = page.getByLabel('YAML file of an experiment');
    const give = (content: string) =>
      file.setInputFiles({ name: 'mine.yaml', mimeType: 'text/yaml', buffer: Buffer.from(content) });
    await give('version: 1\nname: x\n');
    await page
      .getByRole('alert')
      .getByText(/^mine.yaml: model: missing/)
      .waitFor();
    await give(text.replace('name: Demo', 'name: From a file').replace('sample-llama', 'elsewhere'));
    await page.getByText('It names a model “elsewhere”, which the library does not have.').waitFor();
    await page.getByText('Choose a model.').waitFor();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('From a file');

    await page.getByRole('button', { name: 'Start from' }).click();
    await page.getByRole('menuitem', { name: 'Template “Mine”' }).click();
    await page.getByRole('menuitem', { name: 'Use it' }).click();
    await expect.poll(() => page.getByLabel('Name', { exact: true }).inputValue()).toBe('Mine');
    await page.getByText('It names').waitFor({ state: 'detached' });
  });
});
