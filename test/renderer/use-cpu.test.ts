import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { createExperiment } from './support/long-experiment.ts';
import { useWindow } from './support/use-window.ts';

describeWith('chromium', 'a run whose device may be gone', ({ path }) => {
  const window = useWindow(path, { workbench: { stepMilliseconds: 2 } });

  it('goes on on the CPU where it is asked for', async () => {
    const { page, server } = window;
    server.hold.atStep = 20;
    const id = await createExperiment(server, ['first'], { steps: 40, device: 'webgpu' });
    await page.evaluate(`location.hash = '#/experiments/${id}'`);
    const runs = page.getByRole('list', { name: 'Runs' });
    await runs.getByText('Training 20 / 40').waitFor();
    const button = page.getByRole('button', { name: 'Use the CPU: first' });
    expect(await button.count()).toBe(0); // not while it trains
    await page.getByRole('button', { name: 'Pause: first' }).click();
    await button.click();
    const dialog = page.getByRole('dialog', { name: 'Train first on the CPU' });
    await dialog.getByText(/It goes on from step 20/).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Train on the CPU' }).click();
    await dialog.waitFor({ state: 'detached' });
    const shown = await server.router.call('experiments.show', { id });
    expect(shown).toMatchObject({ ok: true, result: { runs: [{ device: { name: 'cpu', since: 20 } }] } });
    await page.getByRole('button', { name: 'Pause: first' }).click();
    await runs.getByText('Paused').waitFor();
    expect(await button.count()).toBe(0); // it is there already
  });
});
