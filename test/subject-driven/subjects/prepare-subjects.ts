/**
 * Lays the subjects of the study out as folders with a part to train on and one to test on:
 * `node test/subject-driven/subjects/prepare-subjects.ts --photos FOLDER [--class-pictures 12]`, where FOLDER has the five photographs of a dog
 * of the public DreamBooth set (github.com/google/dreambooth, dataset/dog); without it the dog is left out. Pictures of the class beside them
 * are drawn by the small pipeline itself.
 */
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pngFile } from '../../../main/engine/drawing/png-file.ts';
import { onColour, type Emoji } from '../../few-shot/clip/emoji.ts';
import { drawRows } from '../draw-with.ts';
import { backgrounds, captionOf, readDrawings, type Background } from '../pipeline/drawings.ts';
import { subjectFolder } from '../places.ts';
import { identifier, subjectNames, subjects, trainedBackgrounds, type SubjectName } from './subjects.ts';

const text = (usual: string) => ({ type: 'string', default: usual }) as const;
const { values: given } = parseArgs({
  options: {
    photos: { type: 'string' },
    model: text(join(subjectFolder, 'small-diffusion')),
    to: text(join(subjectFolder, 'subjects')),
    'class-pictures': text('12'),
    threads: text('1'),
  },
});

interface Place {
  readonly name: SubjectName;
  readonly train: string;
  readonly test: string;
}

/** Four photographs to train on, the last one to test on. */
const layPhotos = ({ train, test }: Place, photos: string): void => {
  const names = readdirSync(photos)
    .filter((name) => /\.jpe?g$/.test(name))
    .toSorted();
  if (names.length !== 5) throw new Error(`${photos}: has ${names.length} photographs, not five`);
  names.forEach((name, at) => copyFileSync(join(photos, name), join(at < 4 ? train : test, name)));
};

/** One vendor's drawing on four backgrounds to train on, the other's on white to test on. */
const layDrawings = async ({ name, train, test }: Place, emoji: Emoji): Promise<void> => {
  const [first, second] = emoji.drawings.map(([drawing]) => drawing!);
  const write = async (folder: string, drawing: Uint8Array, background: Background | null) => {
    const file = background ?? 'white';
    const picture = onColour(drawing, background === null ? [255, 255, 255] : backgrounds[background]);
    writeFileSync(join(folder, `${file}.png`), await pngFile(picture, {}));
    const caption = captionOf(`${identifier} ${subjects[name].kind}`, background);
    writeFileSync(join(folder, `${file}.txt`), `${caption}\n`);
  };
  for (const background of [null, ...trainedBackgrounds]) await write(train, first!, background);
  await write(test, second!, null);
};

const drawings = await readDrawings();
for (const name of subjectNames) {
  const { kind, source } = subjects[name];
  if (source === 'photos' && given.photos === undefined) continue;
  const folder = join(given.to, name.replaceAll(' ', '-'));
  rmSync(folder, { recursive: true, force: true });
  const place = { name, train: join(folder, 'train/img'), test: join(folder, 'test') };
  const ofClass = join(folder, 'train/reg');
  for (const one of [place.train, place.test, ofClass]) mkdirSync(one, { recursive: true });
  if (source === 'photos') layPhotos(place, given.photos!);
  else await layDrawings(place, drawings.heldOut.get(name)!);
  const prompts = Array<string>(Number(given['class-pictures'])).fill(captionOf(kind));
  const [drawn] = await drawRows({ model: given.model, threads: Number(given.threads) }, [prompts]);
  for (const [at, picture] of drawn!.entries())
    writeFileSync(join(ofClass, `${at}.png`), await pngFile(picture, {}));
  console.log(
    `${folder}: ${readdirSync(place.train).length} files to train on, ${prompts.length} of a ${kind}`,
  );
}
