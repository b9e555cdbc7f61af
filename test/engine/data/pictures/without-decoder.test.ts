import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openPicture } from '../../../../main/engine/data/pictures/decode/decode-picture.ts';
import { surveyPictures } from '../../../../main/engine/data/pictures/survey/survey-pictures.ts';
import { fixtures, picturePath } from './fixtures.ts';

vi.mock('sharp', () => {
  throw new Error('Could not load the "sharp" module using the linux-x64 runtime');
});

test('where the library is not there, that is said when a picture is read, and not before', async () => {
  const message = /^pictures can't be read on this system \(\w+-\w+\): the library sharp does not load: /;
  await expect(openPicture(picturePath('rgb.png'))).rejects.toThrow(message);
  // Not a set of broken pictures.
  const entry = { name: 'rgb.png', place: 'rgb.png', caption: 'Colours' };
  const parts = { train: [entry], validation: null, test: null };
  const folder = join(fixtures, 'pictures');
  const set = { kind: 'captions', captions: 'table', folder, source: folder, parts, notices: [] } as const;
  await expect(surveyPictures(set)).rejects.toThrow(message);
});
