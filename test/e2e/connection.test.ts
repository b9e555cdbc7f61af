import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Experiment } from '../../main/api/contract.ts';
import { describeWith } from '../support/requirements.ts';
import { createCable } from './cable.ts';
import type { Cable } from './cable.ts';
import { createSmall, endless, importTiny } from './small-runs.ts';
import { useWorkbench } from './use-workbench.ts';

// One story in order: each test goes on where the one before ended.
describeWith('chromium', 'a window whose connection drops', ({ path }) => {
  const journey = useWorkbench(path, { hasOutages: true });
  let cable: Cable;
  let page: Page;
  let experiment: Experiment;
  const lost = () => page.getByText('The workbench does not answer: it has ended, or is starting.');
  const run = (name: string) =>
    page.getByRole('list', { name: 'Runs' }).getByRole('listitem').filter({ hasText: name });

  beforeAll(async () => {
    await importTiny(journey);
    cable = await createCable(journey.workbench.port);
    experiment = await createSmall(journey, { name: 'cut off', steps: endless, runs: ['first', 'second'] });
    const loginUrl = journey.workbench.loginUrl.replace(`:${journey.workbench.port}`, `:${cable.port}`);
    ({ page } = await journey.open({ loginUrl, screen: `experiments/${experiment.id}` }));
    await page.getByRole('button', { name: 'Start all' }).click();
    await run('first')
      .getByText(/Training [\d,]+/)
      .waitFor();
  });
  afterAll(() => cable?.remove());

  it('says that nothing answers, at the page and at what was asked', async () => {
    cable.pull();
    await lost().waitFor();
    await run('first')
      .getByRole('button', { name: /^Pause/ })
      .click();
    await run('first').getByRole('alert').getByText('Is it still running?').waitFor();
  });

  it('comes back by itself with all that happened meanwhile', async () => {
    const { workbench } = journey;
    const [first, second] = experiment.runs.map(({ id }) => id) as [string, string];
    await workbench.call('runs.cancel', { id: first });
    await expect
      .poll(async () => (await workbench.call('runs.show', { id: second })).step, { timeout: 60_000 })
      .toBeGreaterThan(0);
    await workbench.call('queue.pause', { andRunning: true });
    await workbench.call('runs.rename', { id: first, name: 'renamed' });
    await expect
      .poll(async () => (await workbench.call('runs.show', { id: second })).status, { timeout: 60_000 })
      .toBe('queued');
    await lost().waitFor();
    expect(await run('first').count()).toBe(1);
    cable.plug();
    await lost().waitFor({ state: 'detached' });
    await run('renamed').getByText('Cancelled').waitFor();
    await run('second').getByText('Queued').waitFor();
    await page.getByRole('region', { name: 'Queue' }).getByText('Queue is paused').waitFor();
    await page.getByRole('figure').getByRole('alert').waitFor({ state: 'detached' });
  });

  it('follows again what happens from then on', async () => {
    await page.getByRole('region', { name: 'Queue' }).getByRole('button', { name: 'Resume queue' }).click();
    const steps = run('second').getByText(/Training [\d,]+/);
    const earlier = await steps.textContent();
    await expect.poll(() => steps.textContent(), { timeout: 30_000 }).not.toBe(earlier);
  });

  it('misses nothing where the connection is cut in the middle of a run', async () => {
    cable.cut();
    const { workbench } = journey;
    const { id } = experiment.runs[1]!;
    await workbench.call('runs.cancel', { id });
    await run('second').getByText('Cancelled').waitFor();
    await lost().waitFor({ state: 'detached' });
  });
});
