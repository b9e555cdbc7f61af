import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { startExperiment, useWindow } from './support/use-window.ts';

describeWith('chromium', 'starting a run over', ({ path }) => {
  const window = useWindow(path);
  const run = (name: string) =>
    window.page.getByRole('list', { name: 'Runs' }).getByRole('listitem').filter({ hasText: name });
  const button = () => window.page.getByRole('button', { name: 'Start over: LoRA r6' });
  const dialog = () => window.page.getByRole('dialog', { name: 'Start LoRA r6 over' });

  it('is asked about, gives up what the run has done, and begins at step 0', async () => {
    const { page, server } = window;
    server.hold.atStep = 20;
    await startExperiment(page);
    await run('LoRA r6').getByText('Training 20 / 60').waitFor();
    expect(await button().count()).toBe(0); // not while it trains
    await page.getByRole('button', { name: 'Pause: LoRA r6' }).click();
    await run('LoRA r6').getByText('Paused').waitFor();

    await button().click();
    await dialog().getByText('Its 20 steps are given up, with their curves and samples.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await run('LoRA r6').getByText('Paused').waitFor(); // nothing is given up without being asked for
    const focused = () => page.evaluate<string>(`document.activeElement.getAttribute('aria-label')`);
    await expect.poll(focused).toBe('Start over: LoRA r6');

    server.hold.atStep = 5;
    await button().click();
    await dialog().getByRole('button', { name: 'Start over' }).click();
    await dialog().waitFor({ state: 'detached' });
    await run('LoRA r6').getByText('Training 5 / 60').waitFor({ timeout: 20_000 });
    expect(await button().count()).toBe(0);
    server.hold.atStep = null;
    await run('LoRA r6').getByText('Completed').waitFor({ timeout: 20_000 });
    expect(await button().count()).toBe(0);
  });

  it('that is refused is told in the dialog, which stays', async () => {
    const { page, server } = window;
    server.hold.atStep = 20;
    await startExperiment(page);
    await run('LoRA r6').getByText('Training 20 / 60').waitFor();
    await page.getByRole('button', { name: 'Pause: LoRA r6' }).click();
    await button().click();
    server.failures.set('runs.startOver', 'an earlier trainer is still at work on this run');
    await dialog().getByRole('button', { name: 'Start over' }).click();
    await dialog().getByText('an earlier trainer is still at work on this run').waitFor();
    expect(await dialog().getByRole('button', { name: 'Start over' }).isEnabled()).toBe(true);
  });
});
