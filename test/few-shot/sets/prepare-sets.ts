/**
 * Lays the two picture sets of the study out as folders of classes, from packages of npm and PyPI:
 * `node test/few-shot/sets/prepare-sets.ts [--to out/few-shot/sets]`. Each set has parts to train on, to validate with and to test on; beside it is
 * one named "-tuning" without the part to test on, so that settings can be chosen without it.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { studyFolder } from '../packages/registry-packages.ts';
import { readMnist } from './mnist.ts';
import type { PictureFile } from './picture-file.ts';
import { readTextiles } from './textiles.ts';

/** How many of each class a part has, in the order of the package. */
interface Parts {
  readonly train: number;
  readonly val: number;
  readonly test: number;
}
type Part = keyof Parts;

const sets = {
  mnist: { read: readMnist, parts: { train: 100, val: 50, test: 50 } },
  textiles: { read: readTextiles, parts: { train: 100, val: 50, test: 100 } },
} as const;

/** @param classes the pictures of each class, by its name */
const writeParts = async (
  folder: string,
  classes: ReadonlyMap<string, readonly PictureFile[]>,
  parts: Parts,
  wanted: readonly Part[],
): Promise<void> => {
  rmSync(folder, { recursive: true, force: true });
  for (const [name, pictures] of classes) {
    let from = 0;
    for (const [part, count] of Object.entries(parts) as [Part, number][]) {
      const chosen = pictures.slice(from, from + count);
      from += count;
      if (!wanted.includes(part)) continue;
      if (chosen.length < count)
        throw new Error(`${name} has ${pictures.length} pictures: too few for ${part}`);
      mkdirSync(join(folder, part, name), { recursive: true });
      for (const picture of chosen)
        writeFileSync(join(folder, part, name, picture.name), await picture.bytes());
    }
  }
};

const { values: given } = parseArgs({
  options: { to: { type: 'string', default: join(studyFolder, 'sets') } },
});
for (const [name, { read, parts }] of Object.entries(sets)) {
  const classes = await read();
  await writeParts(join(given.to, name), classes, parts, ['train', 'val', 'test']);
  await writeParts(join(given.to, `${name}-tuning`), classes, parts, ['train', 'val']);
  console.log(`${name}: ${[...classes.keys()].join(', ')} -> ${join(given.to, name)}`);
}
