import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { heading, startExperiment, useWindow } from './support/use-window.ts';

describeWith('chromium', 'adapters', ({ path }) => {
  const window = useWindow(path, { workbench: { stepMilliseconds: 1 } });

  const trained = async (): Promise<void> => {
    const { page } = window;
    await startExperiment(page, 3);
    await page.getByRole('button', { name: 'Export NoRA 64/16' }).waitFor();
    await page.getByRole('link', { name: 'Adapters', exact: true }).click();
    await heading(page, 'Adapters').waitFor();
  };

  it('have a page that leads to the run, its data and the base', async () => {
    const { page } = window;
    await trained();
    await page
      .getByRole('table', { name: 'Adapters' })
      .getByRole('link', { name: 'NoRA 64/16', exact: true })
      .click();
    await heading(page, 'NoRA 64/16').waitFor();
    const origin = page.getByRole('region', { name: 'Where it comes from' });
    await origin.getByText('3 steps from the seed 0').waitFor();
    for (const name of ['sample-llama', 'LoRA and NoRA on sea-questions', 'sea-questions'])
      await origin.getByRole('link', { name, exact: true }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await origin.getByRole('link', { name: 'LoRA and NoRA on sea-questions' }).click();
    await heading(page, 'LoRA and NoRA on sea-questions').waitFor();
  });

  it('are added up with weights, looked at, and kept with what they are made of', async () => {
    const { page } = window;
    await trained();
    await page
      .getByRole('table', { name: 'Adapters' })
      .getByRole('link', { name: 'NoRA 64/16', exact: true })
      .click();
    await page.getByRole('link', { name: 'Scale or add up' }).click();
    await heading(page, 'Add adapters up').waitFor();
    await page.getByLabel('Weight').fill('0.5');
    await page.getByRole('button', { name: 'Another adapter' }).click();
    expect(await page.getByRole('button', { name: 'Another adapter' }).isDisabled()).toBe(true);
    const second = page.getByRole('listitem').filter({ hasText: 'Adapter 2' }).getByLabel('Weight');
    await second.fill('0');
    await page.getByText('A weight is a number from −100 to 100, but not 0').waitFor();
    expect(await page.getByRole('button', { name: 'Keep as an adapter' }).isDisabled()).toBe(true);
    await second.fill('-0.25');
    await page.getByRole('button', { name: 'Look at the sum' }).click();
    const losses = page.getByRole('table', { name: 'Loss on held-out rows' });
    await losses.waitFor();
    expect(await losses.getByRole('row', { name: /The sum/ }).innerText()).toMatch(/3\.0500\s+−0\.1500/);
    await page.getByText('On 32 rows that NoRA 64/16 and').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await second.fill('-0.5');
    await page.getByText('Of the weights as they were. Look again.').waitFor();

    await page.getByLabel('Name (optional)').fill('Half and half');
    await page.getByRole('button', { name: 'Keep as an adapter' }).click();
    await heading(page, 'Half and half').waitFor();
    const origin = page.getByRole('region', { name: 'Where it comes from' });
    expect(await origin.getByRole('list').innerText()).toMatch(/0\.5 × NoRA 64\/16\s+−0\.5 × LoRA r6/);
    await page.getByRole('button', { name: 'Export Half and half' }).click();
    await page.getByRole('menuitem', { name: 'Merged weights…' }).waitFor();
  });
});
