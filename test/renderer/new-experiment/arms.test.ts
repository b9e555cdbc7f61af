import { expect, it } from 'vitest';
import { describeWith } from '../../support/requirements.ts';
import { openForm } from '../support/experiment-form.ts';
import { useWindow } from '../support/use-window.ts';

describeWith('chromium', 'the arms of a new experiment', ({ path }) => {
  const window = useWindow(path);

  it('adds, duplicates and removes configurations', async () => {
    const { page } = window;
    await openForm(window);
    const names = async () =>
      Promise.all((await page.getByRole('article').all()).map((card) => card.getAttribute('aria-label')));
    await page.getByRole('button', { name: 'Duplicate LoRA r6' }).click();
    expect(await names()).toEqual(['LoRA r6', 'LoRA r6 (2)', 'NoRA 64/16']);
    await page.getByRole('article').nth(1).getByLabel('Rank').fill('4');
    await page.getByRole('button', { name: 'Add NoRA' }).click();
    expect(await names()).toEqual(['LoRA r6', 'LoRA r4', 'NoRA 64/16', 'NoRA 64/16 (2)']);
    await page.getByLabel('Name of configuration 2').fill('LoRA r6 again');
    for (const name of ['LoRA r6', 'NoRA 64/16', 'NoRA 64/16']) {
      await page.getByRole('button', { name: `Remove ${name}`, exact: true }).click();
    }
    expect(await names()).toEqual(['LoRA r6 again']);
    await page.getByRole('button', { name: 'Remove LoRA r6 again' }).click();
    await page.getByText('Add at least one.').waitFor();
  });

  it('refuses two configurations of one name', async () => {
    const { page } = window;
    await openForm(window);
    await page.getByLabel('Name of configuration 1').fill('same');
    await page.getByLabel('Name of configuration 2').fill('same');
    await page.getByText('Two configurations have the same name.').waitFor();
  });

  it('hands the focus on as configurations come and go', async () => {
    const { page } = window;
    await openForm(window);
    const focused = () => page.locator(':focus').getAttribute('aria-label');
    const is = (label: string): Promise<void> => expect.poll(focused, { timeout: 3000 }).toBe(label);
    await page.getByRole('button', { name: 'Add NoRA' }).click();
    await is('Name of configuration 3');
    await page.getByRole('button', { name: 'Duplicate LoRA r6' }).click();
    await is('Name of configuration 2');
    await page.getByRole('button', { name: 'Other method' }).click();
    await page.getByRole('menuitem', { name: /^DoRA/ }).click();
    await is('Name of configuration 5');
    await page.getByRole('button', { name: 'Remove LoRA r6 (2)' }).click();
    await is('Remove NoRA 64/16');
    await page.getByRole('button', { name: 'Remove DoRA r16' }).click();
    await is('Remove NoRA 64/16 (2)');
    for (let left = 3; left > 0; left--)
      await page
        .getByRole('button', { name: /^Remove/ })
        .first()
        .click();
    await expect
      .poll(async () => (await page.locator(':focus').textContent())?.trim(), { timeout: 3000 })
      .toBe('Add LoRA');
  });
});
