import { expect, it } from 'vitest';
import type { Experiment } from '../../main/api/contract.ts';
import { withWritten } from '../../renderer/source/format/samples.ts';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { createExperiment } from './support/long-experiment.ts';
import { heading, newest, useWindow } from './support/use-window.ts';

it('takes what has just been written into its place', () => {
  const text = (runId: string, words: string) => ({ runId, text: words, finish: 'end' as const, tokens: 1 });
  const shown = {
    prompts: [{ prompt: 'a', expected: null }],
    steps: [{ step: 0, texts: [text('x', 'old')] }],
    hasEarlier: false,
  };
  const written = (runId: string, step: number) => ({
    runId,
    step,
    samples: [
      { ...{ position: 0, prompt: 'a', expected: null, tokens: 1 }, text: 'new', finish: 'end' as const },
    ],
  });
  expect(withWritten(shown, 'a', written('y', 0)).steps).toEqual([
    { step: 0, texts: [text('x', 'old'), text('y', 'new')] },
  ]);
  expect(withWritten(shown, 'a', written('x', 0)).steps).toEqual([{ step: 0, texts: [text('x', 'new')] }]);
  expect(withWritten(shown, 'a', written('x', 5)).steps.map(({ step }) => step)).toEqual([0, 5]);
  expect(withWritten(shown, 'b', written('x', 5))).toBe(shown);
});

describeWith('chromium', 'samples', ({ path }) => {
  const window = useWindow(path, { workbench: { stepMilliseconds: 2 } });
  const openIt = async (id: string): Promise<void> => {
    const { page } = window;
    await page.evaluate(`location.hash = '#/experiments/${id}'`);
    await heading(page, /^An experiment whose name/).waitFor();
  };

  it('are asked for in the form, folded under the settings, and refused where they can not be', async () => {
    const { page, server } = window;
    await page.getByRole('link', { name: 'New experiment' }).first().click();
    await page.getByRole('button', { name: 'More settings' }).click();
    await page.getByRole('switch', { name: 'Write samples' }).click();
    await page.getByText('A prompt is empty.').waitFor();
    await page.getByLabel('Prompt 1', { exact: true }).fill('Call me\nby my name');
    await page.getByRole('button', { name: 'Add a prompt' }).click();
    await page.getByRole('button', { name: 'Remove prompt 2' }).click();
    await page.getByLabel('Held-out prompts').fill('9');
    await page
      .getByText('With the prompts that are given it makes 10; a run writes 8 samples at most.')
      .waitFor();
    await page.getByLabel('Held-out prompts').fill('2');
    await page.getByLabel('New tokens').fill('32');
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Create and start' }).click();
    await page.getByRole('heading', { name: 'Samples as it trains' }).waitFor();
    const { definition } = await newest<Experiment>(server.router, 'experiments');
    expect(definition.training.samples).toEqual({
      ...{ prompts: ['Call me\nby my name'], heldOut: 2, maximumTokens: 32, temperature: 0, seed: 0 },
    });
  });

  it('are listed by step and side by side, as they come and once they are there', async () => {
    const { page, server } = window;
    const samples = { prompts: ['Call me'], heldOut: 1 };
    const id = await createExperiment(server, ['first', 'second'], { steps: 40, evaluateEvery: 10, samples });
    await openIt(id);
    const section = page.getByRole('region', { name: 'Samples as it trains' });
    await section.getByRole('heading', { name: 'Before the first step' }).waitFor();
    await section.getByText('the whale swam, says first').waitFor();
    await section.getByRole('heading', { name: 'Step 40' }).waitFor();
    await section.getByText('the whale swam under the old ship, says second').waitFor();
    expect(await section.getByRole('figure').count()).toBe(10);
    await section.getByRole('radio', { name: 'Prompt 2' }).click();
    await section.getByText('Q: What is in row 1?').waitFor();
    await section.getByText('A whale, and the sea around it.').waitFor();
    await section.getByText('whale swam under, says first').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    for (const width of [1440, 900, 600]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
  });

  it('of many runs are shown two at a time, and of many steps the latest', async () => {
    const { page, server } = window;
    const names = ['a', 'b', 'c', 'd', 'e'];
    const samples = { prompts: ['Call me'] };
    const id = await createExperiment(server, names, { steps: 150, evaluateEvery: 10, samples });
    await openIt(id);
    const section = page.getByRole('region', { name: 'Samples as it trains' });
    await section.getByRole('heading', { name: 'Step 150' }).waitFor({ timeout: 20_000 });
    await section.getByRole('button', { name: 'Earlier steps' }).click();
    await section.getByRole('heading', { name: 'Before the first step' }).waitFor();
    expect(await section.getByRole('heading', { name: 'Step 150' }).count()).toBe(0);
    await section.getByRole('button', { name: 'Latest steps' }).click();
    await section.getByRole('heading', { name: 'Step 150' }).waitFor();
    await section.getByLabel('Beside it').click();
    await page.getByRole('option', { name: 'e', exact: true }).click();
    await section.getByRole('figure').filter({ hasText: /^e/ }).first().waitFor();
    expect(await section.getByText(/says b/).count()).toBe(0);
  });

  it('are not spoken of where none were asked for', async () => {
    await openIt(await createExperiment(window.server, ['plain']));
    await window.page.getByRole('heading', { name: 'Results' }).waitFor();
    expect(await window.page.getByText('Samples as it trains').count()).toBe(0);
  });
});
