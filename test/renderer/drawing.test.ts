import { expect, it } from 'vitest';
import {
  newDrawDraft,
  readDrawDraft,
  refusedField,
} from '../../renderer/source/screens/playground/drawing/draw-draft.ts';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { useWindow } from './support/use-window.ts';

it('reads a picture for each line and seed, and says what is wrong beside its field', () => {
  const draft = { ...newDrawDraft(), prompts: ' a cat \n\na dog', seed: 7, count: 2 };
  expect(readDrawDraft(draft, 2).wanted).toEqual([
    { prompt: 'a cat', seed: 7 },
    { prompt: 'a cat', seed: 8 },
    { prompt: 'a dog', seed: 7 },
    { prompt: 'a dog', seed: 8 },
  ]);
  expect(readDrawDraft({ ...draft, count: 17 }, 2).problems).toHaveProperty('count');
  expect(readDrawDraft({ ...draft, seed: -1 }, 1).problems).toHaveProperty('seed');
  const wrong = { ...draft, settings: { ...draft.settings, steps: 0 } };
  expect(readDrawDraft(wrong, 1)).toMatchObject({ settings: undefined, wanted: [] });
  expect(refusedField('width: this model draws multiples of 64 pixels')).toEqual({
    field: 'width',
    why: 'This model draws multiples of 64 pixels.',
  });
  expect(refusedField('the model "a" is made for noise: it is busy')).toBeUndefined();
});

describeWith('chromium', 'drawing in the playground', ({ path }) => {
  const window = useWindow(path, { workbench: { stepMilliseconds: 150 } });

  const open = async (): Promise<void> => {
    const { page, server } = window;
    await server.router.call('models.import', { directory: '/models/diffusion', name: 'sd15' });
    await page.getByRole('link', { name: 'Models', exact: true }).click();
    await page.getByRole('link', { name: 'sd15' }).first().click();
    await page.getByRole('link', { name: 'Try it' }).click();
    await page.getByLabel('Prompt', { exact: true }).fill('a photo of a dog\na photo of a cat');
  };

  it('shows pictures of each prompt, by name, and saves one', async () => {
    const { page } = window;
    await open();
    await page.getByLabel('Steps', { exact: true }).fill('4');
    await page.getByRole('button', { name: 'Draw', exact: true }).click();
    await page.getByRole('progressbar', { name: 'Drawing' }).waitFor();
    await page.getByRole('img', { name: 'Base model: a photo of a cat, seed 0' }).waitFor();
    await page.getByText('2 pictures of 512 × 512 in 1 s.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save the picture by Base model, seed 0' }).first().click(),
    ]);
    expect(saved.suggestedFilename()).toBe('a-photo-of-a-dog-0-Base-model.png');
  });

  it('stops, and draws nothing where a field is wrong', async () => {
    const { page } = window;
    await open();
    await page.getByLabel('Prompt', { exact: true }).press('Control+Enter');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Stopped before it was drawn.').waitFor();
    await page.getByLabel('Pictures', { exact: true }).fill('40');
    await page.getByText('At most 32 here: 64 pictures come at once.').waitFor();
    expect(await page.getByRole('button', { name: 'Draw', exact: true }).isDisabled()).toBe(true);
  });
});
