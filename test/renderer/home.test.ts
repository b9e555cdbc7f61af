import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { heading, useWindow } from './support/use-window.ts';

describeWith('chromium', 'home', ({ path }) => {
  const window = useWindow(path);
  const goHome = async (): Promise<void> => {
    await window.page.keyboard.press('g');
    await window.page.keyboard.press('h');
    await heading(window.page, 'Home').waitFor();
  };

  it('is where the workbench opens, and leads to a trained comparison in two clicks', async () => {
    const { page, server } = window;
    await page.evaluate("location.hash = ''");
    await heading(page, 'Home').waitFor();
    server.failures.set('experiments.demo', 'there is no sample in the library');
    await page.getByRole('button', { name: 'Run the demo' }).click();
    await page.getByRole('alert').getByText('there is no sample').waitFor();
    server.failures.clear();
    server.hold.atStep = 5;
    await page.getByRole('button', { name: 'Run the demo' }).click();
    await page.getByRole('list', { name: 'Runs' }).getByText('Running').first().waitFor();

    await goHome();
    const running = page.getByRole('list', { name: 'Running' }).getByRole('listitem');
    await running.getByText(/^Training 5 \/ \d+ · \d+ %/).waitFor();
    await page.getByText(/waits?: /).waitFor();
    expect(await page.title()).toMatch(/^\d+ % · Home · NoRA Workbench$/);
    const recent = page.getByRole('table', { name: 'Recent experiments' });
    expect(await recent.getByRole('row').count()).toBe(2);
    expect(await page.getByRole('button', { name: 'Run the demo' }).count()).toBe(0);
    server.hold.atStep = null;
    await running.first().waitFor({ state: 'detached', timeout: 30_000 });
    await recent.getByText('Completed').waitFor();
    await expect.poll(() => page.title()).toBe('Home · NoRA Workbench');
    await recent.getByRole('link').click();
    await page.getByRole('region', { name: 'Result', exact: true }).waitFor();
  });

  it('tells of the machine and leads to what can be done about it', async () => {
    const { page } = window;
    await goHome();
    await page.getByText('91.0 GB free').waitFor();
    await page.getByText('17.2 GB of 24.0 GB free').waitFor();
    await page.getByText('AMD EPYC 9354P 32-Core Processor, 32 threads').waitFor();
    await page.getByText('/home/ada/.local/share/nora-workbench').waitFor();
    await page.getByRole('link', { name: 'Clean up' }).click();
    await heading(page, 'Settings').waitFor();
  });
});
