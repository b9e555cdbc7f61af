import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { Experiment } from '../../main/api/contract.ts';
import { heading } from '../renderer/support/use-window.ts';
import { describeWith } from '../support/requirements.ts';
import { createSmall, endless, importTiny } from './small-runs.ts';
import { useWorkbench } from './use-workbench.ts';

describeWith('chromium', 'several windows on one workbench', ({ path }) => {
  const journey = useWorkbench(path);
  let one: Page;
  let other: Page;
  let long: Experiment;
  const run = (page: Page, name: string) =>
    page.getByRole('list', { name: 'Runs' }).getByRole('listitem').filter({ hasText: name });
  const panel = (page: Page) => page.getByRole('region', { name: 'Queue' });
  const show = (page: Page, address: string): Promise<unknown> =>
    page.evaluate(`location.hash = '#/${address}'`);

  beforeAll(() => importTiny(journey));

  it('has the result of a run that was completed while no window was open', async () => {
    const { page } = await journey.open();
    const { id } = await createSmall(journey, { name: 'overnight', steps: 400, runs: ['only'] });
    await show(page, `experiments/${id}`);
    await page.getByRole('button', { name: 'Start all' }).click();
    await run(page, 'only')
      .getByText(/Training \d/)
      .waitFor();
    await page.context().close();
    await expect
      .poll(async () => (await journey.workbench.call('experiments.show', { id })).runs[0]!.status, {
        timeout: 60_000,
      })
      .toBe('completed');

    ({ page: one } = await journey.open());
    await one.getByRole('link', { name: 'overnight' }).click();
    await one.getByRole('region', { name: 'Result', exact: true }).waitFor();
    await one.locator('figure .u-wrap > canvas').first().waitFor();
    await one
      .getByRole('table', { name: 'Comparison' })
      .getByRole('button', { name: /^Export/ })
      .waitFor();
  });

  it('shows in one window what is made in the other, and how its runs come along', async () => {
    ({ page: other } = await journey.open());
    await Promise.all([show(one, 'experiments'), show(other, 'experiments')]);
    await heading(one, 'Experiments').waitFor();
    long = await createSmall(journey, { name: 'long', steps: endless, runs: ['first', 'second'] });
    await other.getByRole('link', { name: 'long' }).click();
    await one.getByRole('row', { name: /long Not started/ }).waitFor();
    await other.getByRole('button', { name: 'Start all' }).click();
    await one.getByRole('row', { name: /long Running/ }).waitFor();
    await one.getByRole('link', { name: 'long' }).click();
    const steps = (page: Page) => run(page, 'first').getByText(/Training [\d,]+/);
    const earlier = await steps(one).textContent();
    await expect.poll(() => steps(one).textContent(), { timeout: 30_000 }).not.toBe(earlier);
    await steps(other).waitFor();
  });

  it('pauses the queue in both', async () => {
    await panel(one).getByRole('button', { name: 'Pause queue' }).click();
    await one.getByRole('menuitem', { name: /^Now/ }).click();
    await panel(other).getByText('Queue is paused').waitFor();
    await run(other, 'first').getByText('Queued').waitFor(); // it goes on first
    await panel(other).getByRole('button', { name: 'Resume queue' }).click();
    await panel(one).getByText('Queue is paused').waitFor({ state: 'detached' });
    await run(one, 'first').getByText('Running').waitFor();
    await run(one, 'first')
      .getByRole('button', { name: /^Cancel/ })
      .click();
    await run(other, 'second').getByText('Running').waitFor();
    await run(other, 'second')
      .getByRole('button', { name: /^Cancel/ })
      .click();
    await run(one, 'second').getByText('Cancelled').waitFor();
  });

  it('renames in both', async () => {
    await journey.workbench.call('runs.rename', { id: long.runs[0]!.id, name: 'renamed' });
    for (const page of [one, other]) await run(page, 'renamed').waitFor();
  });

  it('removes from both, and says so on the page of what is gone', async () => {
    await show(other, 'experiments');
    await other.getByRole('link', { name: 'long' }).waitFor();
    await journey.workbench.call('experiments.remove', { id: long.id });
    await other.getByRole('link', { name: 'long' }).waitFor({ state: 'detached' });
    await run(one, 'renamed').waitFor({ state: 'detached' });
    await one.getByRole('link', { name: 'Experiments', exact: true }).first().click();
    await one.getByRole('link', { name: 'overnight' }).waitFor();
  });
});
