import { expect, it } from 'vitest';
import { describeFormat, nameOfFormat } from '../../renderer/source/format/dataset.ts';
import { belongTogether, readsCaptions } from '../../renderer/source/format/model.ts';
import { enlargedText, lostText } from '../../renderer/source/screens/data/pictures/buckets-texts.ts';
import { framingOf, newFraming } from '../../renderer/source/screens/data/pictures/framing-draft.ts';
import {
  choiceOf,
  newChoice,
  repeatsProblem,
} from '../../renderer/source/screens/data/pictures/pictures-choice.ts';
import { subjectInShort } from '../../renderer/source/screens/data/pictures/part-names.ts';
import { framingSchema } from '../../main/api/contract.ts';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { comparer, sampleModel } from './support/fake-entities.ts';
import { fakeBuckets, sampleSubject } from './support/fake-subject.ts';
import { heading, useWindow } from './support/use-window.ts';

const clip = { ...sampleModel, ...comparer };

it('choices are asked for where they say something, and for a subject alone', () => {
  expect(choiceOf(newChoice(), 'subject')).toBeUndefined();
  const chosen = { ...newChoice(), captions: 'none', repeats: 20, classPictures: ' reg ' } as const;
  expect(choiceOf(chosen, 'subject')).toEqual({ captions: 'none', repeats: 20, classPictures: 'reg' });
  expect(choiceOf(chosen, 'classes')).toBeUndefined();
  expect(choiceOf({ ...chosen, as: 'subject' }, 'classes')).toMatchObject({ as: 'subject', repeats: 20 });
  expect(choiceOf({ ...chosen, as: 'classes' }, 'subject')).toEqual({ as: 'classes' });
  expect(repeatsProblem({ repeats: 0.5 })).toBe('A whole number from 1 to 10,000.');
  expect(repeatsProblem({ repeats: null })).toBeUndefined();
});

it('pictures of a subject are told in words, and are for models that draw', () => {
  expect(describeFormat(sampleSubject.format)).toBe(
    "Pictures of a subject, captions from their folders' names",
  );
  expect(nameOfFormat(sampleSubject.format)).toBe('Pictures of a subject');
  expect(belongTogether(clip, sampleSubject)).toBe(false);
  expect(belongTogether({ ...clip, objective: 'noise' }, sampleSubject)).toBe(true);
  expect([clip, sampleModel].map(readsCaptions)).toEqual([true, false]);
  expect(subjectInShort({ pictures: 5, captioned: 3, repeated: 50, classPictures: 20 })).toBe(
    '5 pictures of the subject, 3 of them with a caption, 50 in an epoch; 20 of its class',
  );
  expect(subjectInShort({ pictures: 1, captioned: 0, repeated: 1, classPictures: 0 })).toBe(
    '1 picture of the subject, without captions',
  );
});

it('what is enlarged, and what a run would refuse, is named', () => {
  const framing = framingOf(newFraming());
  expect(framingSchema.parse(framing)).toEqual(framing);
  const found = fakeBuckets(framing);
  expect(enlargedText(found)).toBe(
    '1 picture is enlarged, and so less sharp: 10_sks dog/far.jpg (200 × 320, 2 times).',
  );
  expect(lostText(found)).toBeUndefined();
  const lost = { count: 5, pictures: [{ name: 'a.png', width: 20, height: 30 }] };
  expect(lostText({ ...found, withoutBucket: lost, unreadable: 2 })).toBe(
    "5 are too small or too narrow, so that a run is refused: a.png (20 × 30) and 2 more. 2 can't be read.",
  );
});

describeWith('chromium', 'pictures of a subject in the window', ({ path }) => {
  const window = useWindow(path);

  it('are imported with what is said of them', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Data', exact: true }).first().click();
    await page.getByRole('button', { name: 'Import data' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import data' });
    await dialog.getByText('A folder of pictures').click();
    await dialog.getByLabel('Folder of pictures').fill(sampleSubject.trainFile);
    await dialog
      .getByText('3 pictures of the subject, each with a caption, 30 in an epoch; 1 of its class')
      .waitFor();
    await dialog.getByText('passed over, being videos').waitFor();
    await dialog.getByRole('button', { name: /^Missing captions, repeats/ }).click();
    await dialog.getByLabel('Repeats (optional)').fill('0');
    await dialog.getByText('A whole number from 1 to 10,000.').waitFor();
    await dialog.getByLabel('Repeats (optional)').fill('');
    await dialog.getByRole('combobox', { name: /^Captions/ }).click();
    await page.getByRole('option', { name: 'None' }).click();
    await dialog.getByText('3 pictures of the subject, without captions').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await dialog.getByRole('combobox', { name: /^What they are/ }).click();
    await page.getByRole('option', { name: 'Pictures of classes' }).click();
    await dialog.getByRole('row', { name: /10_sks dog/ }).waitFor();
    expect(await dialog.getByLabel('Repeats (optional)').count()).toBe(0);
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await heading(page, sampleSubject.name).waitFor();
  });

  it('are shown as training sees them, with their captions in tokens', async () => {
    const { page, server } = window;
    await server.router.call('datasets.import', { trainFile: sampleSubject.trainFile });
    await server.router.call('models.import', { directory: '/models/clip' });
    await page.getByRole('link', { name: 'Data', exact: true }).first().click();
    await page.getByRole('link', { name: sampleSubject.name }).click();
    await page.getByText('200 × 320 to 800 × 1,200').waitFor();
    const seen = page.getByRole('region', { name: 'As training sees them' });
    await seen.getByRole('img', { name: '10_sks dog/beach.jpg, as training sees it' }).waitFor();
    await seen.getByText('1,024 × 768 → 576 × 448').waitFor();
    await seen.getByText(/of 77 tokens, cut before its end/).waitFor();
    await seen.getByText('The prompt of the class').waitFor();
    await seen.getByText('Enlarged 2 times').waitFor();
    await seen.getByRole('radio', { name: 'Squares' }).click();
    await seen.getByText('1,024 × 768 → 512 × 512').waitFor();
    await seen.getByRole('switch', { name: 'Mirror every other time' }).click();
    await seen.getByText('512 × 512, mirrored').first().waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });
});
