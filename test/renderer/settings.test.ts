import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { heading, useWindow } from './support/use-window.ts';

describeWith('chromium', 'settings, doctor and about', ({ path }) => {
  const window = useWindow(path, { context: { permissions: ['clipboard-read', 'clipboard-write'] } });

  it('shows what the data directory holds and clears what nothing depends on', async () => {
    const { page, server } = window;
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await heading(page, 'Settings').waitFor();
    const row = (name: RegExp) => page.getByRole('row', { name });
    await row(/^Runs/).getByText('3.10 GB').waitFor();
    expect(
      await row(/^Exports/)
        .getByRole('button')
        .count(),
    ).toBe(0);
    expect(
      await row(/^Leftovers/)
        .getByRole('button')
        .isDisabled(),
    ).toBe(true);
    server.failures.set('storage.clear', 'a run may be reading these files');
    await page.getByRole('button', { name: 'Clear cache' }).click();
    await page.getByRole('alert').getByText('a run may be reading these files').waitFor();
    server.failures.clear();
    await page.getByRole('button', { name: 'Clear cache' }).click();
    await page.getByText('Removed 26 files, 260 MB.').waitFor();
    await row(/^Cache/)
      .getByText('0 B', { exact: true })
      .waitFor();
  });

  it('backs up into a folder, says what was damaged already, and how to have it back', async () => {
    const { page, server } = window;
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    const backup = page.getByRole('region', { name: 'Backup' });
    const start = backup.getByRole('button', { name: 'Back up' });
    await start.waitFor();
    expect(await start.isDisabled()).toBe(true);
    expect(await backup.getByLabel('File').inputValue()).toMatch(/^nora-\d{4}-\d\d-\d\d\.tar$/);
    await backup.getByLabel('File').fill('damaged.tar');
    await backup.getByLabel('Folder').fill('/mnt/backups/');
    await start.click();
    await backup.getByText('Writing: 3.10 GB of 8.90 GB').waitFor();
    await backup.getByRole('button', { name: 'Stop' }).waitFor();
    await backup.getByText('Wrote everything, 271 files, 8.90 GB; every hash compared.').waitFor();
    await backup.getByText('These files were damaged already').waitFor();
    await backup.getByText('runs/a1/checkpoints/step-00000200/state.safetensors').waitFor();
    await backup.getByText('nora restore "/mnt/backups/damaged.tar" --data-dir NEW-FOLDER').waitFor();
    server.failures.set('backups.create', '/mnt/backups/damaged.tar: there is something already');
    await start.click();
    await backup.getByRole('alert').getByText('there is something already').waitFor();
    server.failures.clear();
  });

  it('checks what is kept, says what is wrong, and repairs what can be', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Doctor' }).click();
    await page.getByRole('button', { name: 'Check files' }).click();
    await page.getByText('the model "sample-llama": 2.10 MB of 5.30 MB').waitFor();
    const wrong = page.getByRole('listitem').filter({ hasText: 'holds other bytes than it did' });
    await wrong.getByText('What to do: put the files of then back').waitFor();
    expect(await wrong.getByRole('button').count()).toBe(0);
    const left = page.getByRole('listitem').filter({ hasText: 'was begun and never finished' });
    await left.getByText('Repairing it will: remove it').waitFor();
    await left.getByRole('button', { name: 'Repair' }).click();
    await left.waitFor({ state: 'detached' });
    await wrong.waitFor();
  });

  it('writes a report that is read before it is shared', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Doctor' }).click();
    await page.getByRole('button', { name: 'Show log' }).click();
    await page.getByRole('region', { name: 'Log' }).getByText('warning run a1: failed').waitFor();
    await page.getByRole('button', { name: 'Write report' }).click();
    await page.getByRole('region', { name: 'Report' }).getByText('Linux 6.1').waitFor();
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^# NoRA Workbench/);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('nora-workbench-report.md');
  });

  it('tells versions and licences', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'About' }).click();
    await page.getByRole('row', { name: /onnxruntime-node .* MIT/ }).waitFor();
    await page.getByText('0.1.0').first().waitFor();
  });
});
