import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { describeFormat, describeRows } from '../../renderer/source/format/dataset.ts';
import { belongTogether } from '../../renderer/source/format/model.ts';
import { pictureSettingsSchema } from '../../main/engine/train/settings/picture-settings.ts';
import { newDraft, trainingOf } from '../../renderer/source/screens/new-experiment/draft.ts';
import { findProblems } from '../../renderer/source/screens/new-experiment/problems.ts';
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
  expect(trainingOf(draft, samplePictures).pictures).toEqual(pictures);
  expect(trainingOf(draft, sampleDataset).pictures).toBeNull();
});

it('pictures are described by their classes', () => {
  expect(describeFormat(samplePictures.format)).toBe('Pictures of classes: banded, dotted, woven');
  expect(describeRows(samplePictures)).toBe('48 pictures, 30 held out');
});

describeWith('chromium', 'pictures in the library', ({ path }) => {
  const window = useWindow(path);

  it('are listed, and their page tells what was found', async () => {
    const { page } = window;
    await window.server.router.call('datasets.import', { trainFile: samplePictures.trainFile });
    await page.getByRole('link', { name: 'Data', exact: true }).first().click();
    await page.getByText('Pictures of classes').waitFor();
    await page.getByRole('link', { name: samplePictures.name }).click();
    await heading(page, samplePictures.name).waitFor();
    await page.getByText('banded, dotted, woven').waitFor();
    await page.getByText('30 of its own').waitFor();
    await page.getByText('what is measured on them was seen').waitFor();
    expect(await page.getByText('Columns', { exact: true }).count()).toBe(0);
  });
});
