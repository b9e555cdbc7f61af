import { drawnKey, readDrawn } from '../../../engine/data/pictures/drawn/drawn-folder.ts';
import { openPicture } from '../../../engine/data/pictures/decode/decode-picture.ts';
import { pathOf } from '../../../engine/data/pictures/sets/picture-set.ts';
import { smallPicture } from '../../../engine/data/pictures/show/small-picture.ts';
import { WorkbenchError } from '../../../engine/errors.ts';
import { sha256OfFileSync } from '../../../engine/formats/file-hash.ts';
import type { ReadAnswer, ReadQuestion } from '../../protocol/read-schema.ts';

/** What an arm drew, each picture by what it is and by its content. @throws WorkbenchError naming the file and line */
export const listDrawn = (folder: string): ReadAnswer<'drawn'>['pictures'] => {
  const drawn = readDrawn(folder);
  return drawn.pictures.map((picture) => {
    const { name, prompt, seed } = picture;
    return { name, key: drawnKey(picture), prompt, seed, sha256: sha256OfFileSync(pathOf(drawn, picture)) };
  });
};

/** Of a side, in pixels: what is larger is shown smaller. */
const longestSide = 1024;

/**
 * Pictures as they were drawn, without a loss and without anything of their files.
 * @throws conflict naming a file that holds another picture by now
 */
export const showDrawn = async (
  files: Extract<ReadQuestion, { kind: 'drawn-pictures' }>['files'],
): Promise<ReadAnswer<'drawn-pictures'>['images']> => {
  const images = [];
  for (const { folder, name, sha256 } of files) {
    const path = pathOf({ folder }, { name, place: name });
    if (sha256OfFileSync(path) !== sha256)
      throw new WorkbenchError(
        'conflict',
        `${path}: is another picture than when the test was made; put that one back`,
      );
    const opened = await openPicture(path);
    images.push(await smallPicture(await opened.decode(), longestSide, 'lossless'));
  }
  return images;
};
