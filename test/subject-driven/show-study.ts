/**
 * Makes the pictures of docs/subject-driven.md of what the study has drawn: `node test/subject-driven/show-study.ts [--seed 1] [--to docs/screenshots]`.
 * For each subject a sheet: its pictures to train on, then a row for the base, LoRA and NoRA, a column for each prompt; and one of the pipeline by itself.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import type { Picture } from '../../main/engine/data/pictures/picture.ts';
import { sideBySide } from '../../main/engine/drawing/side-by-side.ts';
import { writeFileWhole } from '../../main/engine/formats/atomic-file.ts';
import { root } from '../support/paths.ts';
import { drawRows } from './draw-with.ts';
import { methodNames } from './methods.ts';
import { pictureSide } from './pipeline/configuration.ts';
import { shownPrompts } from './pipeline/shown-prompts.ts';
import { subjectFolder } from './places.ts';
import { subjectNames, tunedOn } from './subjects/subjects.ts';

const text = (usual: string) => ({ type: 'string', default: usual }) as const;
const { values: given } = parseArgs({
  options: {
    model: text(join(subjectFolder, 'small-diffusion')),
    pictures: text(join(subjectFolder, 'subjects')),
    study: text(join(subjectFolder, 'study')),
    seed: text('1'),
    to: text(join(root, 'docs/screenshots')),
    threads: text('1'),
  },
});

/** As large as those that are drawn, a square of its middle. */
const readPicture = async (path: string): Promise<Picture> => {
  const rgb = await sharp(readFileSync(path))
    .resize(pictureSide, pictureSide, { fit: 'cover' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer();
  return { width: pictureSide, height: pictureSide, rgb };
};

const readFolder = (folder: string): Promise<Picture[]> =>
  Promise.all(
    readdirSync(folder)
      .filter((name) => /\.(png|jpe?g)$/.test(name))
      .toSorted()
      .map((name) => readPicture(join(folder, name))),
  );

/** Twice as large, so that a page shows pixels as they are. */
const write = async (name: string, rows: readonly (readonly Picture[])[]): Promise<void> => {
  const { width, height, rgb } = sideBySide(rows);
  const bytes = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .resize(2 * width, 2 * height, { kernel: 'nearest' })
    .webp({ quality: 80 })
    .toBuffer();
  const path = join(given.to, name);
  writeFileWhole(path, bytes);
  console.log(`${path}: ${(bytes.length / 1024).toFixed(0)} kB`);
};

const by = { model: given.model, threads: Number(given.threads) };
await write('small-diffusion.webp', await drawRows(by, shownPrompts));
for (const name of subjectNames.filter((one) => one !== tunedOn)) {
  const place = name.replaceAll(' ', '-');
  const folder = join(given.study, place);
  if (!existsSync(folder)) continue;
  const runs = readdirSync(folder);
  const drawnBy = methodNames.map((method) => {
    const run = runs.find((one) => one.startsWith(`${method} `) && one.endsWith(` seed ${given.seed}`));
    if (run === undefined) throw new Error(`${folder}: has no run of ${method} from seed ${given.seed}`);
    return join(folder, run, 'drawn');
  });
  const rows = await Promise.all(
    [join(given.pictures, place, 'train/img'), join(folder, 'base'), ...drawnBy].map(readFolder),
  );
  await write(`subject-${place}.webp`, rows);
}
