import { expect, it } from 'vitest';
import { describeWith } from '../../support/requirements.ts';
import { createdExperiment, openForm } from '../support/experiment-form.ts';
import { heading, useWindow } from '../support/use-window.ts';

describeWith('chromium', 'the form of a new experiment by keyboard', ({ path }) => {
  const window = useWindow(path);

  it('chooses from the lists by keyboard', async () => {
    const { page, server } = window;
    await server.router.call('models.import', { directory: '/models/second' });
    await page.reload();
    await openForm(window);
    await page.getByRole('combobox', { name: /^Model/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('option', { name: 'second' }).waitFor();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.getByRole('combobox', { name: 'Model second' }).waitFor();
  });

  it('creates with Ctrl+Enter, and shows an answer that is an error', async () => {
    const { page, server } = window;
    server.failures.set('experiments.create', 'seed: already used');
    await openForm(window);
    await page.getByLabel('Steps', { exact: true }).press('Control+Enter');
    await page.getByRole('alert').getByText('seed: already used').waitFor();
    server.failures.clear();
    server.failures.set('experiments.start', 'the model’s folder is gone');
    await page.getByLabel('Steps', { exact: true }).press('Control+Enter');
    await heading(page, 'LoRA and NoRA on sea-questions').waitFor();
    await page.getByRole('alert').getByText('the model’s folder is gone').waitFor();
  });

  it('is created by `n` and Ctrl+Enter alone', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Models' }).click();
    await heading(page, 'Models').waitFor();
    await page.keyboard.press('n');
    await heading(page, 'New experiment').waitFor();
    await page.getByRole('button', { name: 'Create and start' }).waitFor();
    await page.keyboard.press('Control+Enter');
    await createdExperiment(window);
  });

  it('goes to the field that is wrong instead of creating', async () => {
    const { page } = window;
    await openForm(window);
    const steps = page.getByLabel('Steps', { exact: true });
    await steps.fill('0');
    await page.getByLabel('Name', { exact: true }).focus();
    await page.keyboard.press('Control+Enter');
    await steps.and(page.locator(':focus')).waitFor();
  });

  it('shows every field that the keyboard reaches, above its footer and below its header', async () => {
    const { page } = window;
    await page.setViewportSize({ width: 900, height: 560 });
    await openForm(window);
    await page.getByRole('button', { name: 'More settings' }).click();
    await page.getByLabel('Name', { exact: true }).focus();
    for (let presses = 0; presses < 45; presses++) {
      await page.keyboard.press('Tab');
      const hidden = await page.evaluate(`(() => {
        const focused = document.activeElement;
        if (focused.closest('main form') === null || focused.closest('footer') !== null) return null;
        const { top, bottom } = focused.getBoundingClientRect();
        const header = document.querySelector('main header').getBoundingClientRect().bottom;
        const footer = document.querySelector('form > footer').getBoundingClientRect().top;
        return top < header || bottom > footer ? focused.outerHTML.slice(0, 120) : null;
      })()`);
      expect(hidden).toBeNull();
    }
  });
});
