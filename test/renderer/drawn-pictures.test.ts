import { expect, it } from 'vitest';
import { withDrawn } from '../../renderer/source/format/drawn-pictures.ts';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { createExperiment } from './support/long-experiment.ts';
import { heading, useWindow } from './support/use-window.ts';

it('takes what has just been drawn into its place', () => {
  const asked = { prompt: 'a dog', seed: 1 };
  const picture = (runId: string, file: string) => ({ runId, position: 0, file, problem: null });
  const shown = { asked: [asked], steps: [{ step: 0, pictures: [picture('x', 'old')] }] };
  const drawn = (runId: string, step: number) => ({
    ...{ runId, step, targetPath: '/d' },
    pictures: [{ position: 0, ...asked, file: 'new', sha256: 'ab', problem: null }],
  });
  expect(withDrawn(shown, asked, drawn('y', 0)).steps).toEqual([
    { step: 0, pictures: [picture('x', 'old'), picture('y', 'new')] },
  ]);
  expect(withDrawn(shown, asked, drawn('x', 0)).steps).toEqual([
    { step: 0, pictures: [picture('x', 'new')] },
  ]);
  expect(withDrawn(shown, asked, drawn('x', 5)).steps.map(({ step }) => step)).toEqual([0, 5]);
  expect(withDrawn(shown, { prompt: 'a dog', seed: 2 }, drawn('x', 5))).toBe(shown);
});

describeWith('chromium', 'pictures that runs draw', ({ path }) => {
  const window = useWindow(path, { workbench: { stepMilliseconds: 2 } });

  it('stand in a strip by step, the model itself first, side by side', async () => {
    const { page, server } = window;
    const samples = { prompts: ['a photo of sks dog', 'a dog'], seeds: [7] };
    const id = await createExperiment(server, ['LoRA', 'NoRA'], {
      steps: 40,
      evaluateEvery: 10,
      diffusion: { prompt: 'a photo of sks dog', samples },
    });
    await page.evaluate(`location.hash = '#/experiments/${id}'`);
    await heading(page, /^An experiment whose name/).waitFor();
    const section = page.getByRole('region', { name: 'Pictures as it trains' });
    await section.getByRole('columnheader', { name: 'Step 40' }).waitFor();
    await section.getByRole('img', { name: 'NoRA, Step 40' }).waitFor();
    expect(await section.getByRole('columnheader').allTextContents()).toEqual([
      ...['Run', 'Base', 'Step 10', 'Step 20', 'Step 30', 'Step 40'],
    ]);
    await section.getByRole('button', { name: 'Show Base of LoRA' }).click();
    await section.getByRole('img', { name: 'NoRA, Base' }).waitFor();
    await section.getByRole('button', { name: 'Show Step 20 of LoRA' }).click();
    await section.getByRole('img', { name: 'LoRA, Step 20: step 1 of 25 gives numbers' }).waitFor();
    await section.getByLabel('Prompt and noise').click();
    await page.getByRole('option', { name: 'a dog · seed 7' }).click();
    await section.getByRole('button', { name: 'Show Step 30 of NoRA' }).click();
    await section.getByRole('img', { name: 'NoRA, Step 30' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    for (const width of [1440, 900, 600]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
  });
});
