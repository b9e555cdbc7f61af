import { expect, it } from 'vitest';
import type { Experiment } from '../../main/api/contract.ts';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { createExperiment } from './support/long-experiment.ts';
import { heading, newest, useWindow } from './support/use-window.ts';

describeWith('chromium', 'a completed run', ({ path }) => {
  const window = useWindow(path, { workbench: { stepMilliseconds: 2 } });

  it('is gone on with in a new one, whose curves begin where it ended', async () => {
    const { page, server } = window;
    const id = await createExperiment(server, ['first'], { steps: 40 });
    await page.evaluate(`location.hash = '#/experiments/${id}'`);
    await page.getByRole('button', { name: 'Extend: first' }).click();
    const dialog = page.getByRole('dialog', { name: 'Extend first' });
    await dialog.getByText(/A new run goes on from step 40/).waitFor();
    expect(await dialog.getByLabel('More steps').inputValue()).toBe('40');
    await dialog.getByLabel('More steps').fill('20');
    expect(await axeFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Train on' }).click();

    await heading(page, 'first, 20 more steps').waitFor();
    await page.getByText('Goes on from first at step 40').waitFor();
    const runs = page.getByRole('list', { name: 'Runs' });
    await runs.getByText('60 of 60 steps').waitFor();
    // Both are drawn: what came before beside what goes on.
    const curves = page.getByRole('list', { name: 'Curves' });
    await curves.getByRole('button', { name: 'first', exact: true }).waitFor();
    expect(await curves.getByRole('listitem').count()).toBe(2);
    const { runs: made } = await newest<Experiment>(server.router, 'experiments');
    expect(made[0]?.origin).toEqual({
      ...{ experimentId: id, name: 'first', step: 40 },
      runId: made[0]?.origin?.runId,
    });
    await page.getByRole('link', { name: 'first', exact: true }).click();
    await heading(page, /^An experiment whose name/).waitFor();
  });
});
