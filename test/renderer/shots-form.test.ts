import { expect, it } from 'vitest';
import type { Comparison } from '../../main/api/contract.ts';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { samplePictures } from './support/fake-entities.ts';
import { heading, newest, useWindow } from './support/use-window.ts';

describeWith('chromium', 'the form of a comparison on pictures', ({ path }) => {
  const window = useWindow(path);

  const open = async (): Promise<void> => {
    const { page, server } = window;
    await server.router.call('datasets.import', { trainFile: samplePictures.trainFile });
    await server.router.call('models.import', { directory: '/models/clip', name: 'clip' });
    await page.reload();
    await page.goto(`${page.url().split('#')[0]!}#/comparisons/new`);
    await page.getByRole('combobox', { name: /^Model/ }).click();
    await page.getByRole('option', { name: /^clip/ }).click();
    await page.getByRole('combobox', { name: /^Data/ }).click();
    await page.getByRole('option', { name: /^textures/ }).click();
    await page.getByRole('button', { name: /^From nothing/ }).click();
    await page.getByRole('region', { name: 'Pictures', exact: true }).waitFor();
  };
  const numbers = () => window.page.getByRole('textbox', { name: 'Numbers of shots' });
  const chip = (name: string) => window.page.getByRole('button', { name, exact: true });
  const plan = () => window.page.getByRole('list', { name: 'Plan' });

  it('has an axis of shots with steps a shot, template, views and towers, and no field of texts', async () => {
    const { page, server } = window;
    await open();
    expect(await numbers().inputValue()).toBe('1, 2, 4, 8, 16');
    await plan().getByText('30 runs').waitFor();
    await plan().getByText('2 arms × 5 numbers of shots × 3 seeds').waitFor();
    for (const label of [
      ...['Sequence length', 'Packing', 'Loss on', 'Base weights', 'Rows', 'Date', 'NEFTune α'],
      ...['Look into the adapters at the end', 'held-out, perplexity'],
    ])
      expect(await page.getByLabel(label, { exact: true }).count(), label).toBe(0);
    expect(await page.getByRole('button', { name: 'Add a task' }).count()).toBe(0);
    await page.getByText('3 prompts of 8 tokens; the model takes 77.').waitFor();

    await chip('2 shots').click();
    await chip('8 shots').press('Space');
    expect(await numbers().inputValue()).toBe('1, 4, 16');
    await numbers().fill('12, 4, 1');
    expect(await chip('4 shots').getAttribute('aria-pressed')).toBe('true');
    expect(await chip('16 shots').getAttribute('aria-pressed')).toBe('false');
    await page.getByRole('radio', { name: 'Steps a shot' }).click();
    await page.getByLabel('Steps a shot', { exact: true }).fill('20');
    await page.getByRole('radio', { name: 'As the model sees them' }).click();
    await page.getByRole('combobox', { name: /^Template/ }).click();
    await page.getByRole('option', { name: /^\{\} texture\./ }).click();
    const card = page.getByRole('article').first();
    await card.getByRole('radio', { name: 'Pictures' }).click();
    await page.getByLabel('held-out, class acc', { exact: true }).fill('0.01');
    await plan().getByText('18 runs').waitFor();
    await page.getByText('Adapters are not looked into afterwards').waitFor();
    expect(await axeFindings(page)).toEqual([]);

    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await heading(page, 'LoRA and NoRA on textures').waitFor();
    const { id, definition } = await newest<Comparison>(server.router, 'comparisons');
    expect(definition.shots).toEqual([1, 4, 12]);
    expect(definition.training).toMatchObject({
      stepsPerShot: 20,
      pictures: { template: '{} texture.', views: 'fixed' },
    });
    expect(definition).toMatchObject({ diagnostics: null, margins: { 'held-out/class_accuracy': 0.01 } });
    expect(definition.arms[0]!.adapter).toMatchObject({
      targetModules: expect.stringMatching(/^vision_model/),
    });
    await page.evaluate(`location.hash = '#/comparisons/${id}'`);
    await page.getByRole('link', { name: 'Duplicate' }).click();
    expect(await numbers().inputValue()).toBe('1, 4, 12');
  });

  it('says once what is wrong with a number of shots, and which class has too few pictures', async () => {
    const { page } = window;
    await open();
    await page.getByRole('radio', { name: 'Steps a shot' }).click();
    for (const [typed, message] of [
      ['4, four', 'Enter a number.'],
      ['0', 'Must be at least 1.'],
      ['4, 4', '4 is there twice.'],
      ['', 'Add at least one.'],
    ] as const) {
      await numbers().fill(typed);
      await page.getByText(message, { exact: true }).waitFor();
      expect(await numbers().getAttribute('aria-invalid')).toBe('true');
      await page.getByText('One field needs attention.').waitFor();
    }
    await numbers().fill('1, 40');
    await page.getByText('banded has 16 pictures to train on, and 2 more classes have too few.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('trains on one number of shots, or on all pictures, where there is no axis', async () => {
    const { page, server } = window;
    await open();
    await page.getByRole('switch', { name: 'At several numbers of shots' }).click();
    await plan().getByText('each arm from each seed').waitFor();
    await page.getByRole('radio', { name: 'All', exact: true }).first().click();
    expect(await page.getByRole('radio', { name: 'Steps a shot' }).count()).toBe(0);
    await page.getByRole('radio', { name: '4', exact: true }).click();
    await page.getByRole('radio', { name: 'Steps a shot' }).waitFor();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await heading(page, 'LoRA and NoRA on textures').waitFor();
    const { definition } = await newest<Comparison>(server.router, 'comparisons');
    expect(definition).toMatchObject({ shots: null, training: { pictures: { shots: 4 } } });
  });
});
