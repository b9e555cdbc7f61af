import { expect, it } from 'vitest';
import { drawnByBase, drawnLast } from '../../renderer/source/screens/comparisons/pictures/arm-pictures.ts';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { heading, useWindow } from './support/use-window.ts';

it('takes the base before the first step, and of each run what it drew last', () => {
  const picture = (runId: string, file: string | null) => ({ runId, position: 0, file, problem: null });
  const steps = [
    { step: 0, pictures: [picture('x', null), picture('y', 'base')] },
    { step: 10, pictures: [picture('x', 'early'), picture('y', 'late')] },
    { step: 20, pictures: [picture('x', 'late')] },
  ];
  expect(drawnByBase({ steps })).toMatchObject({ step: 0, runId: 'y', file: 'base' });
  expect(drawnLast({ steps }, 'x')).toMatchObject({ step: 20, file: 'late' });
  expect(drawnLast({ steps }, 'y')).toMatchObject({ step: 10, file: 'late' });
  expect(drawnLast({ steps: steps.slice(0, 1) }, 'x')).toBeUndefined();
  expect(drawnLast({ steps }, undefined)).toBeUndefined();
});

describeWith('chromium', 'the page of a comparison of arms that draw', ({ path }) => {
  const window = useWindow(path, { workbench: { studies: ['drawing'] } });
  const open = async (): Promise<void> => {
    await window.page.evaluate(`location.hash = '#/comparisons/drawing'`);
    await heading(window.page, 'LoRA against NoRA on my dog').waitFor();
    await window.page.getByRole('heading', { name: /^Answer/ }).waitFor({ timeout: 30_000 });
  };

  it('has base and arms side by side, a row for each prompt, by seed of training and of noise', async () => {
    const { page } = window;
    await open();
    const section = page.getByRole('region', { name: 'What the arms draw' });
    const table = section.getByRole('table', { name: 'What the arms draw' });
    await table.getByRole('img', { name: 'NoRA 64/38, a photo of sks dog in the snow' }).waitFor();
    expect(await table.getByRole('columnheader').allInnerTexts()).toEqual([
      ...['Prompt', 'Base', 'LoRA r16', 'NoRA 64/38'],
    ]);
    expect(await table.getByRole('rowheader').allInnerTexts()).toEqual([
      ...['a photo of sks dog', 'a photo of sks dog in the snow'],
    ]);
    expect(await table.getByRole('img').count()).toBe(6);
    await section.getByLabel('Noise of seed').click();
    await page.getByRole('option', { name: '8' }).click();
    await section.getByLabel('Trained from seed').click();
    await page.getByRole('option', { name: '3' }).click();
    await table.getByRole('img', { name: /^NoRA 64.38, a photo of sks dog: step 1 of 25 gives/ }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    for (const width of [1440, 900, 600]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it('has the pictures that were measured, of base and arms by prompt and noise', async () => {
    const { page } = window;
    await open();
    const section = page.getByRole('region', { name: 'Pictures that are measured: pictures' });
    const table = section.getByRole('table', { name: 'Pictures that are measured: pictures' });
    await table.scrollIntoViewIfNeeded();
    await table.getByRole('img', { name: 'NoRA 64/38, a photo of sks dog in the snow' }).waitFor();
    await table.getByRole('img', { name: 'Base, a photo of sks dog', exact: true }).waitFor();
    expect(await table.getByRole('img').count()).toBe(6);
    // Another noise, and a run that has not drawn yet.
    await section.getByLabel('Noise of seed').click();
    await page.getByRole('option', { name: '4' }).click();
    await section.getByLabel('Trained from seed').click();
    await page.getByRole('option', { name: '3' }).click();
    await table.getByText('Not there yet').first().waitFor();
    expect(await table.getByRole('img').count()).toBe(4);
    // Judged from one place.
    expect(await page.getByRole('button', { name: 'Judge two arms blind' }).count()).toBe(1);
    expect(await axeFindings(page)).toEqual([]);
  });

  it('tells what was measured of pictures beside the loss and its quarters', async () => {
    const { page } = window;
    await open();
    await page
      .getByText(/^On DINO \(pictures\) /)
      .first()
      .waitFor();
    await page.getByRole('table', { name: 'Scores: pictures, DINO' }).waitFor();
    await page.getByText('most noise').first().waitFor();
    await page
      .getByText('"clip-large" is not in the library, so nothing was measured by it')
      .first()
      .waitFor();
  });

  it('begins a blind test of two arms', async () => {
    const { page } = window;
    await open();
    await page.getByRole('button', { name: 'Judge two arms blind' }).click();
    const dialog = page.getByRole('dialog', { name: 'Judge two arms blind' });
    await dialog.getByText(/as both drew them when trained from seed 1\./).waitFor();
    await dialog.getByRole('button', { name: 'Begin' }).click();
    await heading(page, 'LoRA r16 and NoRA 64/38').waitFor();
  });
});
