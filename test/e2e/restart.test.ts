import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { Experiment } from '../../main/api/contract.ts';
import { describeWith, itWith } from '../support/requirements.ts';
import { createSmall, endless, importTiny } from './small-runs.ts';
import { trainerPids } from './trainer-pids.ts';
import { useWorkbench } from './use-workbench.ts';

// One story in order: each test goes on where the one before ended.
describeWith('chromium', 'a workbench that ends while it trains', ({ path }) => {
  const journey = useWorkbench(path, { hasOutages: true });
  let page: Page;
  let experiment: Experiment;
  const run = (name: string) =>
    page.getByRole('list', { name: 'Runs' }).getByRole('listitem').filter({ hasText: name });
  const training = (name: string) => run(name).getByText(/Training [\d,]+/);
  const lost = () => page.getByText('The workbench does not answer: it has ended, or is starting.');
  const shown = (index: number) => journey.workbench.call('runs.show', { id: experiment.runs[index]!.id });
  const reach = (index: number, step: number): Promise<void> =>
    expect.poll(async () => (await shown(index)).step, { timeout: 60_000 }).toBeGreaterThan(step);

  beforeAll(async () => {
    await importTiny(journey);
    experiment = await createSmall(journey, {
      name: 'interrupted',
      steps: endless,
      runs: ['first', 'second'],
      training: { checkpointEvery: 20 },
    });
    ({ page } = await journey.open({ screen: `experiments/${experiment.id}` }));
    await page.getByRole('button', { name: 'Start all' }).click();
    await training('first').waitFor();
  });

  it('is found again by the open window after it was ended: the run is paused and goes on', async () => {
    await journey.workbench.stop();
    await lost().waitFor();
    await journey.start();
    await lost().waitFor({ state: 'detached' });
    await run('first').getByText('Paused').waitFor();
    const { step, checkpointStep } = await shown(0);
    expect(checkpointStep).toBe(step);
    await run('first')
      .getByRole('button', { name: /^Resume/ })
      .click();
    await training('first').waitFor();
    await reach(0, step);
  });

  it('is found again after a sudden death: the run goes on from its checkpoint', async () => {
    await reach(0, 40);
    await journey.workbench.kill();
    await lost().waitFor();
    await journey.start();
    await lost().waitFor({ state: 'detached' });
    await run('first').getByText('Interrupted').waitFor();
    await run('first')
      .getByText(/the workbench ended while this run was going on; it can go on from step [\d,]+/)
      .waitFor();
    const { checkpointStep } = await shown(0);
    await run('first')
      .getByRole('button', { name: /^Go on from step/ })
      .click();
    await training('first').waitFor();
    await reach(0, checkpointStep!);
  });

  itWith('linux', 'says what happened when a trainer dies, goes on with the queue, and resumes', async () => {
    await page.getByRole('button', { name: /^Start 1 more/ }).click();
    await run('second').getByText('Queued').waitFor();
    const [trainer] = trainerPids(journey.workbench.pid);
    process.kill(trainer!, 'SIGKILL');
    await run('first').getByText('Interrupted').waitFor();
    await run('first')
      .getByText(/the trainer process ended unexpectedly .*; it can go on from step [\d,]+/)
      .waitFor();
    await run('first').getByText('It goes on from its checkpoint, bit for bit.').waitFor();
    await training('second').waitFor(); // the queue goes on
    await run('second')
      .getByRole('button', { name: /^Cancel/ })
      .click();
    const { checkpointStep } = await shown(0);
    await run('first')
      .getByRole('button', { name: /^Go on from step/ })
      .click();
    await training('first').waitFor();
    await reach(0, checkpointStep!);
  });
});
