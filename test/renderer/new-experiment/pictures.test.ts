import { expect, it } from 'vitest';
import type { Experiment } from '../../../main/api/contract.ts';
import { describeWith } from '../../support/requirements.ts';
import { axeFindings } from '../support/axe.ts';
import { samplePictures } from '../support/fake-entities.ts';
import { heading, newest, useWindow } from '../support/use-window.ts';

describeWith('chromium', 'an experiment on pictures', ({ path }) => {
  const window = useWindow(path);

  const open = async (): Promise<void> => {
    const { page, server } = window;
    await server.router.call('datasets.import', { trainFile: samplePictures.trainFile });
    await server.router.call('models.import', { directory: '/models/clip', name: 'clip' });
    await page.getByRole('link', { name: 'Data', exact: true }).first().click();
    await page.getByRole('link', { name: samplePictures.name }).click();
    await page.getByRole('link', { name: 'New experiment' }).last().click();
    await heading(page, 'New experiment').waitFor();
    await page.getByRole('region', { name: 'Pictures' }).waitFor();
  };

  it('has shots, a template, towers and layers, and no field of texts', async () => {
    const { page, server } = window;
    await open();
    for (const label of ['Sequence length', 'Packing', 'Loss on', 'Base weights'])
      expect(await page.getByLabel(label, { exact: true }).count(), label).toBe(0);
    await page.getByText('3 prompts of 8 tokens; the model takes 77.').waitFor();
    await page.getByRole('radio', { name: '4', exact: true }).click();
    await page.getByRole('combobox', { name: /^Template/ }).click();
    await page.getByRole('option', { name: /^\{\} texture\./ }).click();
    const card = page.getByRole('article').first();
    await card
      .getByRole('img', { name: 'Layers that it touches of texts: k_proj, v_proj, q_proj' })
      .waitFor();
    await card.getByRole('radio', { name: 'Pictures' }).click();
    await card.getByRole('combobox', { name: /^Layers/ }).click();
    await page.getByRole('option', { name: /^Top half/ }).click();
    await card.getByRole('button', { name: 'v_proj' }).click();
    await card.getByRole('img', { name: 'Layers that it touches of texts: none' }).waitFor();
    await card.getByText('Touches 4 of 48 matrices.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await heading(page, 'LoRA and NoRA on textures').waitFor();
    const { definition } = await newest<Experiment>(server.router, 'experiments');
    expect(definition.training.pictures).toMatchObject({
      shots: 4,
      template: '{} texture.',
      views: 'random',
    });
    expect(
      definition.configurations.map(({ adapter }) => (adapter as { targetModules?: unknown }).targetModules),
    ).toEqual([
      String.raw`vision_model\.encoder\.layers\.(2|3)\..*(k_proj|q_proj)`,
      ['q_proj', 'k_proj', 'v_proj'],
    ]);
  });

  it('says what is wrong with a template, a prompt or a number of shots', async () => {
    const { page } = window;
    await open();
    await page.getByRole('radio', { name: 'Other' }).click();
    await page.getByLabel('Pictures of each class').fill('40');
    await page.getByText('banded has 16 pictures to train on, and 2 more classes have too few.').waitFor();
    await page.getByRole('combobox', { name: /^Template/ }).click();
    await page.getByRole('option', { name: /^Own template/ }).click();
    const own = page.getByRole('textbox', { name: 'Own template' });
    await own.fill('{} and {}');
    await page
      .getByText(/has the placeholder \{\} more than once/)
      .first()
      .waitFor();
    await page.getByText('One field needs attention.').waitFor();
    await own.fill(`${'very '.repeat(80)}{}`);
    await page.getByText(/” is 83 tokens and the model takes 77/).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('begins with what was published, and says what of it is otherwise here', async () => {
    const { page } = window;
    await open();
    await page.getByRole('button', { name: 'Start from' }).click();
    await page.getByRole('menuitem', { name: 'Published: CLIP-LoRA' }).click();
    await page.getByRole('menuitem', { name: /^CLIP-LoRA LoRA of rank 2/ }).click();
    const notes = page.getByRole('group', { name: 'Published settings' });
    await notes.getByRole('button', { name: /^What is not as it was published: \d/ }).click();
    await notes.getByText('The code trains in 16 bits').waitFor();
    expect(await page.getByRole('radio', { name: '16', exact: true }).isChecked()).toBe(true);
    expect(await page.getByLabel('Steps a shot', { exact: true }).inputValue()).toBe('500');
    expect(await axeFindings(page)).toEqual([]);
  });
});
