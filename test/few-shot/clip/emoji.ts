import sharp from 'sharp';
import { resample } from '../../../main/engine/data/pictures/resample/resample.ts';
import { drawRegion } from '../../../main/engine/data/pictures/views/random-view.ts';
import { mirrored, type Picture } from '../../../main/engine/data/pictures/picture.ts';
import type { Random } from '../../../main/engine/random.ts';
import { filesOfTarball, type ArchivedFile } from '../packages/archives.ts';
import { openPackage, registryPackages } from '../packages/registry-packages.ts';
import { pictureSide } from './small-clip.ts';

/** A drawing, see-through where there is none of it: 64 x 64 pixels of red, green, blue and alpha. */
export type Drawing = Uint8Array;

/** An emoji: what it is called, what kind it is of, and how two vendors draw it, in all its colours of skin. */
export interface Emoji {
  readonly name: string;
  readonly shortNames: readonly string[];
  readonly kind: string;
  readonly drawings: readonly (readonly Drawing[])[];
}

interface Listed {
  readonly name: string | null;
  readonly short_names: readonly string[];
  readonly category: string;
  readonly subcategory: string;
  readonly image: string;
  readonly skin_variations?: Readonly<Record<string, { readonly image: string }>>;
}

const vendors = [
  ['google', registryPackages.noto],
  ['twitter', registryPackages.twemoji],
] as const;

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const decode = async ({ name, content }: ArchivedFile): Promise<Drawing> => {
  const { data, info } = await sharp(content())
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.width !== 64 || info.height !== 64 || info.channels !== 4) throw new Error(`${name}: not 64 x 64`);
  return data;
};

/** All emoji that both vendors draw, in the order of the list. */
export const readEmoji = async (): Promise<Emoji[]> => {
  const archives = await Promise.all(
    vendors.map(async ([vendor, described]) => {
      const files = await filesOfTarball(await openPackage(described));
      return { vendor, files: new Map(files.map((file) => [file.name, file])) };
    }),
  );
  const listed = JSON.parse(archives[0]!.files.get('package/emoji.json')!.content().toString()) as Listed[];
  const emoji: Emoji[] = [];
  for (const { name, short_names, category, subcategory, image, skin_variations = {} } of listed) {
    if (category === 'Component') continue;
    const images = [image, ...Object.values(skin_variations).map((variation) => variation.image)];
    const drawings = await Promise.all(
      archives.map(({ vendor, files }) =>
        Promise.all(
          images
            .map((file) => files.get(`package/img/${vendor}/64/${file}`))
            .filter((file) => file !== undefined)
            .map(decode),
        ),
      ),
    );
    if (drawings.some(({ length }) => length === 0)) continue;
    const shortNames = short_names.map(plain);
    emoji.push({ name: plain(name ?? short_names[0]!), shortNames, kind: plain(subcategory), drawings });
  }
  return emoji;
};

/** Laid on one colour. */
export const onColour = (drawing: Drawing, colour: readonly [number, number, number]): Picture => {
  const rgb = new Uint8Array((drawing.length / 4) * 3);
  for (let pixel = 0; pixel < drawing.length / 4; pixel++) {
    const alpha = drawing[pixel * 4 + 3]!;
    for (let channel = 0; channel < 3; channel++)
      rgb[pixel * 3 + channel] = Math.round(
        (drawing[pixel * 4 + channel]! * alpha + colour[channel]! * (255 - alpha)) / 255,
      );
  }
  return { width: pictureSide, height: pictureSide, rgb };
};

const variation = { area: [0.6, 1], aspect: [3 / 4, 4 / 3], mirrored: 0.5 } as const;

const drawColour = (random: Random): [number, number, number] => {
  const kind = random.integer(4);
  if (kind === 0) return [255, 255, 255];
  if (kind === 1) return [0, 0, 0];
  return [random.integer(256), random.integer(256), random.integer(256)];
};

/** A part of a drawing on a colour, mirrored every other time, for one step. */
export const drawView = ({ drawings }: Emoji, random: Random): Picture => {
  const ofVendor = drawings[random.integer(drawings.length)]!;
  // The plain drawing as often as all colours of skin together.
  const drawing = ofVendor[random.integer(2) * random.integer(ofVendor.length)]!;
  const picture = onColour(drawing, drawColour(random));
  const region = drawRegion(picture, variation, random);
  const seen = resample(picture, { width: pictureSide, height: pictureSide, filter: 'bicubic', region });
  return random.uniform() < variation.mirrored ? mirrored(seen) : seen;
};

const templates = ['a photo of a {}.', 'a picture of a {}.', 'an emoji of a {}.'];

/** What may be said of an emoji, without what stands around it. */
export const namesOf = ({ name, shortNames, kind }: Emoji): string[] => [
  ...new Set([name, ...shortNames, `${name} ${kind}`]),
];

/** What is said of it in one step, and what would be said instead, without end. */
export function* drawCaptions(emoji: Emoji, random: Random): Generator<string, never, undefined> {
  const names = namesOf(emoji);
  for (;;) {
    const name = names[random.integer(names.length)]!;
    yield random.integer(2) === 0 ? name : templates[random.integer(templates.length)]!.replace('{}', name);
  }
}

/** Of the tokenizer: each name once, and what stands around it now and then. */
export const allTexts = (emoji: readonly Emoji[]): string[] => [
  ...emoji.flatMap(namesOf),
  ...Array.from({ length: 300 }, (_, at) => templates[at % templates.length]!.replace('{}', '')),
];
