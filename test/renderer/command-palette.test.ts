import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { heading, startExperiment, useWindow } from './support/use-window.ts';

describeWith('chromium', 'the command palette', ({ path }) => {
  const window = useWindow(path);
  const palette = () => window.page.getByRole('dialog', { name: 'Find a command or a page' });

  it('goes anywhere and opens anything by its name, with the keyboard alone', async () => {
    const { page } = window;
    await startExperiment(page, 3);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('go mod');
    await palette().getByRole('option', { name: 'Go to models' }).waitFor();
    await page.keyboard.press('Enter');
    await heading(page, 'Models').waitFor();
    expect(await palette().count()).toBe(0);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('lora nora sea');
    await palette().getByRole('option', { name: 'LoRA and NoRA on sea-questions' }).waitFor();
    await page.keyboard.press('Enter');
    await heading(page, 'LoRA and NoRA on sea-questions').waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('sample-llama');
    await palette().getByRole('option', { name: 'sample-llama' }).waitFor();
    await page.keyboard.press('Enter');
    await heading(page, 'sample-llama').waitFor();
  });

  it('offers what the page can do, and opens anew each time', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Models' }).click();
    await heading(page, 'Models').waitFor();
    await page.getByRole('button', { name: 'Find' }).click();
    await page.keyboard.type('zzz');
    await palette().getByText('Nothing fits “zzz”.').waitFor();
    await page.keyboard.press('Escape');
    await palette().waitFor({ state: 'detached' });
    await page.keyboard.press('Control+k');
    await palette().getByRole('option', { name: 'Import model' }).click();
    await page.getByRole('dialog', { name: 'Import a model' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('i');
    await page.getByRole('dialog', { name: 'Import a model' }).waitFor();
    await page.keyboard.press('Control+k'); // the dialog has the keys to itself
    expect(await page.getByRole('dialog').count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await heading(page, 'Experiments').waitFor();
    await page.keyboard.press('i');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('goes through a list with j and k', async () => {
    const { page } = window;
    await startExperiment(page, 3);
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await startExperiment(page, 4);
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await heading(page, 'Experiments').waitFor();
    await page.getByRole('row').nth(2).waitFor();
    const links = page.locator('main .row-link');
    const focused = (at: number): Promise<boolean> =>
      links.nth(at).evaluate((link) => link === link.ownerDocument.activeElement);
    await page.keyboard.press('j');
    expect(await focused(0)).toBe(true);
    await page.keyboard.press('j');
    expect(await focused(1)).toBe(true);
    await page.keyboard.press('j');
    expect(await focused(1)).toBe(true);
    await page.keyboard.press('k');
    expect(await focused(0)).toBe(true);
  });
});
