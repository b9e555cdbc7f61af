import { expect, it } from 'vitest';
import { timeLeftOf, timeLeftOfAll } from '../../renderer/source/format/time-left.ts';
import { adviceFor } from '../../renderer/source/screens/experiments/failure-advice.ts';
import type { Run } from '../../main/api/contract.ts';
import type { RunPace } from '../../renderer/source/state/pace.svelte.ts';
import { describeWith } from '../support/requirements.ts';
import { createExperiment } from './support/long-experiment.ts';
import { heading, startExperiment, useWindow } from './support/use-window.ts';

const run = (changes: Partial<Run>): Run =>
  ({
    id: 'a',
    status: 'running',
    step: 40,
    steps: 100,
    progress: { phase: 'training', done: 40, total: 100 },
    configuration: { name: 'LoRA', adapter: { method: 'lora' } },
    experimentId: 'experiment-1',
    error: null,
    checkpointStep: null,
    ...changes,
  }) as Run;

it('counts the evaluations that are still to come into the time left', () => {
  const pace = { secondsPerStep: 2, secondsPerEvaluation: 30 };
  // Steps 41 to 100, evaluations after 50, 60, 70, 80 and 90, and the one at the end.
  expect(timeLeftOf(run({}), { evaluateEvery: 10 }, pace)).toEqual({ seconds: 120 + 180, isAtLeast: false });
  expect(timeLeftOf(run({}), { evaluateEvery: 0 }, pace)?.seconds).toBe(120 + 30);
  const evaluating = run({ progress: { phase: 'evaluating', done: 3, total: 4 } });
  expect(timeLeftOf(evaluating, { evaluateEvery: 10 }, pace)?.seconds).toBe(120 + 180 + 7.5);
  const last = run({ step: 100, progress: { phase: 'evaluating', done: 1, total: 2 } });
  expect(timeLeftOf(last, { evaluateEvery: 10 }, pace)?.seconds).toBe(15);
  const own = run({ configuration: { ...run({}).configuration, training: { evaluateEvery: 20 } } });
  expect(timeLeftOf(own, { evaluateEvery: 10 }, pace)?.seconds).toBe(120 + 90);
});

it('says that it knows a lower bound only, and nothing without a pace', () => {
  const unknown = { secondsPerStep: 2, secondsPerEvaluation: undefined };
  expect(timeLeftOf(run({}), { evaluateEvery: 10 }, unknown)).toEqual({ seconds: 120, isAtLeast: true });
  const nothing = { secondsPerStep: undefined, secondsPerEvaluation: undefined };
  expect(timeLeftOf(run({}), { evaluateEvery: 10 }, nothing)).toBeUndefined();
});

it('takes runs that wait for as fast as the one that runs', () => {
  const runs = [run({}), run({ id: 'b', status: 'queued', step: 0, steps: null, progress: null })];
  const experiment = { runs, definition: { training: { evaluateEvery: 0 } } } as never;
  const paces: Record<string, RunPace> = { a: { secondsPerStep: 1, secondsPerEvaluation: 5 } };
  const none = { secondsPerStep: undefined, secondsPerEvaluation: undefined };
  expect(timeLeftOfAll(experiment, (id) => paces[id] ?? none)?.seconds).toBe(60 + 5 + 100 + 5);
});

it.each([
  ['the memory ran out; a smaller training.batchSize or training.sequenceLength takes less', /less memory/],
  [
    'step 12: the loss is no longer a finite number; try a learningRate below 0.1',
    /learning rate of a third/,
  ],
  ['/data/runs/a: no space left on the disk', /Make room/],
  ['the graphics device stopped answering; try again', /train on the CPU/],
  ['the trainer process ended unexpectedly (exit code 1)', /Start it again/],
  [
    'the trainer process ended unexpectedly (killed, as the system does when memory runs out)',
    /Start it again/,
  ],
])('knows what to try after "%s"', (error, advice) => {
  expect(adviceFor(run({ error }))?.text).toMatch(advice);
});

it('advises nothing where it knows nothing', () => {
  expect(adviceFor(run({ error: 'something new' }))).toBeUndefined();
  expect(adviceFor(run({ error: null }))).toBeUndefined();
});

describeWith('chromium', 'an experiment that is done', ({ path }) => {
  const window = useWindow(path, { workbench: { stepMilliseconds: 5 } });

  it('opens on its answer, then curves, then tables, each loss once', async () => {
    const { page } = window;
    await startExperiment(page, 10);
    const result = page.getByRole('region', { name: 'Result', exact: true });
    await result.getByText(/^NoRA 64\/16\s+is ahead$/).waitFor();
    const order: string[] = await page.evaluate(
      `[...document.querySelectorAll('main section')].map((part) => part.getAttribute('aria-label') ?? part.querySelector('h2').textContent)`,
    );
    expect(order).toEqual(['Result', 'Loss', 'Results', 'Runs']);
    expect(await page.getByText('2.1508', { exact: true }).count()).toBeLessThanOrEqual(2);
    expect(await page.getByRole('list', { name: 'Runs' }).getByText('held-out').count()).toBe(0);
    await result.getByRole('button', { name: 'Export the best: NoRA 64/16' }).waitFor();
    expect(await result.getByRole('link', { name: /Try it/ }).getAttribute('href')).toMatch(/^#\/playground/);
  });

  it('leads from one seed to several', async () => {
    const { page } = window;
    await startExperiment(page, 6);
    await page.getByRole('link', { name: 'Compare over several seeds' }).click();
    await heading(page, 'New comparison').waitFor();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toMatch(/three seeds$/);
    expect(await page.getByLabel('Seeds', { exact: true }).inputValue()).toBe('0, 1, 2');
    expect(await page.getByLabel('Steps', { exact: true }).inputValue()).toBe('6');
  });

  it('shows the log of a run', async () => {
    const { page } = window;
    await startExperiment(page, 3);
    await page.getByRole('button', { name: 'Log: LoRA r6' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Log of LoRA r6' });
    await dialog.getByText(/begins\n/).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Log: LoRA r6' }).waitFor();
  });

  it('is gone at once when it is removed, and comes back with its result', async () => {
    const { page } = window;
    await startExperiment(page, 3);
    await page.getByRole('region', { name: 'Result', exact: true }).waitFor();
    const title = await page.getByRole('heading', { level: 1 }).textContent();
    await page.getByRole('button', { name: 'Remove the experiment' }).click();
    await heading(page, 'Experiments').waitFor();
    await page.getByText('No experiments yet').waitFor();
    await page.getByRole('status').getByText(`Removed ${title}`).waitFor();
    await page.keyboard.press('u');
    await page.getByRole('link', { name: title! }).click();
    await page.getByRole('region', { name: 'Result', exact: true }).waitFor();
  });

  it('says first how long it still takes while it runs', async () => {
    const { page, server } = window;
    const id = await createExperiment(server, ['LoRA', 'NoRA'], { steps: 3000 });
    await page.evaluate(`location.hash = '#/experiments/${id}'`);
    const progress = page.getByRole('region', { name: 'Progress' });
    await progress.getByText(/^(At least|About) .* left$/).waitFor();
    await progress.getByText(/0 of 2 runs completed/).waitFor();
  });
});
