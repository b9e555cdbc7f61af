import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { describeFormat, describeRows } from '../../renderer/source/format/dataset.ts';
import { belongTogether } from '../../renderer/source/format/model.ts';
import { pictureSettingsSchema } from '../../main/engine/train/settings/picture-settings.ts';
import { newDraft, trainingOf } from '../../renderer/source/screens/new-experiment/draft.ts';
import { findProblems } from '../../renderer/source/screens/new-experiment/problems.ts';
import { axeFindings } from './support/axe.ts';
import { comparer, sampleDataset, sampleModel, samplePictures } from './support/fake-entities.ts';
import { heading, useWindow } from './support/use-window.ts';

const clip = { ...sampleModel, ...comparer };
const definition = {
  version: 1 as const,
  name: 'it',
  model: 'm',
  dataset: 'd',
  training: { steps: 2 },
  configurations: [{ name: 'LoRA', adapter: { method: 'lora' as const, rank: 2 } }],
};

it('pictures go with the models that compare them, each told by name where not', () => {
  expect(belongTogether(clip, samplePictures)).toBe(true);
  expect(belongTogether(sampleModel, samplePictures)).toBe(false);
  expect(belongTogether(clip, sampleDataset)).toBe(false);
  expect(findProblems(definition, clip, samplePictures)).toEqual({});
  expect(findProblems(definition, sampleModel, samplePictures)).toEqual({
    dataset: 'Has pictures; sample-llama sees text alone.',
  });
  expect(findProblems(definition, clip, sampleDataset)).toEqual({
    dataset: 'sample-llama compares pictures with texts, and this has texts alone.',
  });
});

it('what an experiment says of pictures stays with pictures, and goes where texts take their place', () => {
  const pictures = pictureSettingsSchema.parse({ shots: 4, template: 'a {}', views: 'fixed' });
  const draft = newDraft(clip, samplePictures.id);
  draft.training = { ...draft.training, pictures };
  expect(trainingOf(draft, samplePictures, clip).pictures).toEqual(pictures);
  expect(trainingOf(draft, sampleDataset, clip).pictures).toBeNull();
});

it('pictures are described by their classes', () => {
  expect(describeFormat(samplePictures.format)).toBe('Pictures of classes: banded, dotted, woven');
  expect(describeRows(samplePictures)).toBe('48 pictures, 30 held out');
});

describeWith('chromium', 'pictures in the library', ({ path }) => {
  const window = useWindow(path);

  it('are imported from a folder, once a person has seen what was recognised', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Data', exact: true }).first().click();
    await page.getByRole('button', { name: 'Import data' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import data' });
    await dialog.getByText('A folder of pictures').click();
    await dialog.getByLabel('Folder of pictures').fill('/home/ada/oxford_pets');
    await dialog
      .getByRole('alert')
      .getByText('looks like OxfordPets, but has no split_zhou_OxfordPets.json')
      .waitFor();
    await dialog.getByRole('button', { name: 'Published sets that are known by their files' }).click();
    await dialog.getByText('split_zhou_OxfordPets.json beside images').waitFor();
    await dialog.getByLabel('Folder of pictures').fill(samplePictures.trainFile);
    await dialog.getByText('Looks like pictures in folders named by their class').waitFor();
    await dialog.getByText('48 to train on, 30 to test on').waitFor();
    await dialog.getByRole('img', { name: 'train/dotted/001.jpg' }).waitFor();
    await dialog.getByRole('row', { name: 'woven 16 10' }).waitFor();
    expect(await dialog.getByLabel('Validation file (optional)').count()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await heading(page, samplePictures.name).waitFor();
  });

  it('are listed, and their page tells what was found and left out', async () => {
    const { page, server } = window;
    const { trainFile } = samplePictures;
    await server.router.call('datasets.import', { trainFile, skipBroken: true });
    await page.getByRole('link', { name: 'Data', exact: true }).first().click();
    await page.getByText('Pictures of classes').waitFor();
    await page.getByRole('link', { name: samplePictures.name }).click();
    await heading(page, samplePictures.name).waitFor();
    await page.getByText('banded, dotted, woven').waitFor();
    await page.getByText('30 of its own').waitFor();
    await page.getByText('what is measured on them was seen').waitFor();
    await page.getByText('1 picture was left out at the import that could not be read.').waitFor();
    await page.getByText('train/woven/torn.jpg: breaks off').waitFor();
    expect(await page.getByText('Columns', { exact: true }).count()).toBe(0);
  });

  it('are shown page by page, of one class or part, as a model sees them beside the file', async () => {
    const { page, server } = window;
    await server.router.call('datasets.import', { trainFile: samplePictures.trainFile });
    await server.router.call('models.import', { directory: '/models/clip' });
    await page.getByRole('link', { name: 'Data', exact: true }).first().click();
    await page.getByRole('link', { name: samplePictures.name }).click();
    await page.getByText('1 to 24 of 48').waitFor();
    await page.getByRole('img', { name: 'train/banded/000.jpg, as the model sees it' }).waitFor();
    await page.getByRole('img', { name: /train\/banded\/007.jpg, the whole file: .*breaks off/ }).waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('img', { name: 'train/woven/047.jpg, the whole file' }).waitFor();
    await page.getByRole('button', { name: 'dotted' }).click();
    await page.getByText('1 to 16 of 16').waitFor();
    await page.getByRole('radio', { name: 'Test' }).click();
    await page.getByText('1 to 10 of 10').waitFor();
    await page.getByRole('button', { name: 'Only dotted' }).click();
    await page.getByText('1 to 24 of 30').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Look at every picture' }).click();
    await page.getByText('1 held-out picture shows what one to train on shows').waitFor();
    await page.getByRole('img', { name: 'test/dotted/012.jpg', exact: true }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('are asked for by prompts whose lengths are told, and that are refused by name where too long', async () => {
    const { page, server } = window;
    await server.router.call('datasets.import', { trainFile: samplePictures.trainFile });
    await server.router.call('models.import', { directory: '/models/clip' });
    await page.getByRole('link', { name: 'Data', exact: true }).first().click();
    await page.getByRole('link', { name: samplePictures.name }).click();
    const prompts = page.getByRole('region', { name: 'Prompts' });
    await prompts.getByText('3 prompts of 8 tokens; the model takes 77.').waitFor();
    await prompts.getByRole('combobox', { name: /^Template/ }).click();
    await page.getByRole('option', { name: /^Own template/ }).click();
    await prompts.getByRole('textbox', { name: 'Own template' }).fill('a photo');
    await prompts.getByText(/has no placeholder, so it is the same for every class/).waitFor();
    await prompts.getByRole('textbox', { name: 'Own template' }).fill(`${'very '.repeat(80)}{}`);
    await prompts.getByText(/” is 83 tokens and the model takes 77, and 2 more are too long/).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });
});
