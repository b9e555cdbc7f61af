import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { heading, startExperiment, useWindow } from './support/use-window.ts';

describeWith('chromium', 'the queue', ({ path }) => {
  const window = useWindow(path);
  const panel = () => window.page.getByRole('region', { name: 'Queue' });

  it('is not there while nothing runs or waits', async () => {
    await heading(window.page, 'Experiments').waitFor();
    expect(await panel().count()).toBe(0);
  });

  it('shows what runs and how many wait, and is paused after what runs', async () => {
    const { page } = window;
    await startExperiment(page, 200);
    await panel().getByText('1 run waits', { exact: true }).waitFor();
    const running = panel().getByRole('progressbar', { name: /^LoRA .*, in the queue$/ });
    await running.waitFor();
    const percent = async () => Number(await running.getAttribute('aria-valuenow'));
    await expect.poll(percent, { timeout: 10_000 }).toBeGreaterThan(1);
    await page.getByRole('button', { name: 'Pause queue' }).click();
    await page.getByRole('menuitem', { name: 'After what runs' }).click();
    await panel().getByText('Queue is paused').waitFor();
    await running.waitFor({ state: 'detached' });
    await page.getByText('The queue is paused: 1 run waits here.').waitFor();
    await page.waitForTimeout(200);
    expect(await panel().getByText('1 run waits', { exact: true }).count()).toBe(1);

    await page.getByRole('main').getByRole('button', { name: 'Resume queue' }).click();
    await page.getByText('The queue is paused').waitFor({ state: 'detached' });
    await panel().getByRole('progressbar').waitFor();
    await panel().waitFor({ state: 'detached' });
  });

  it('is paused with what runs, from the keyboard, and goes on with that', async () => {
    const { page } = window;
    await startExperiment(page, 200);
    await panel().getByRole('progressbar').waitFor();
    await page.getByRole('button', { name: 'Pause queue' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Now' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('The queue is paused: 2 runs wait here.').waitFor();
    await panel().getByText('2 runs wait').waitFor();
    await panel().getByRole('button', { name: 'Resume queue' }).press('Enter');
    await panel().getByRole('link', { name: 'LoRA' }).waitFor();
    await panel().getByText('1 run waits', { exact: true }).waitFor();
    expect(await page.evaluate('document.activeElement.ariaLabel')).toBe('Queue');
  });
});
