import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { useWindow } from './support/use-window.ts';

describeWith('chromium', 'imported adapters', ({ path }) => {
  const window = useWindow(path);

  it('are checked, listed, exported in the forms that they have, and removed', async () => {
    const { page, server } = window;
    await page.getByRole('link', { name: 'Adapters' }).click();
    await page.getByRole('button', { name: 'Import adapter' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import an adapter' });
    expect(await dialog.getByRole('button', { name: 'Import' }).isDisabled()).toBe(true);
    await dialog
      .getByRole('combobox', { name: /^Model/ })
      .getByText('sample-llama')
      .waitFor();
    await dialog.getByLabel('Folder').fill('/corda');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText('init_lora_weights is corda').waitFor();
    await dialog.getByLabel('Folder').fill('/adapters/whales');
    await page.keyboard.press('Enter');
    const row = page.getByRole('row', { name: /whales.*PiSSA.*sample-llama.*imported/ });
    await row.waitFor();

    await row.getByRole('button', { name: 'Export whales' }).click();
    expect(await page.getByRole('menuitem').allTextContents()).toEqual([
      'Merged weights…',
      'PEFT adapter…',
      'PEFT adapter and its base…',
    ]);
    await page.getByRole('menuitem', { name: 'PEFT adapter and its base…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
    const exported = page.getByRole('list', { name: 'Exports' }).getByRole('listitem');
    await exported.getByText('Exported', { exact: true }).waitFor();
    expect(await server.router.call('exports.list', {})).toMatchObject({
      result: { items: [{ kind: 'adapter-with-base', runId: null, status: 'completed' }] },
    });

    await row.getByRole('button', { name: 'Remove the adapter whales' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await row.waitFor({ state: 'detached' });
  });
});
