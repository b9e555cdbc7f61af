import sharp from 'sharp';
import { fakeBuckets, fakeFramed } from './fake-subject.ts';
import type {
  Dataset,
  LayerPlace,
  Model,
  PicturesInspection,
  Thumbnail,
} from '../../../main/api/contract.ts';
import { promptsOf } from '../../../main/engine/data/pictures/prompts/templates.ts';
import { splitSource } from '../../../main/engine/data/pictures/sets/published-sets.ts';
import { WorkbenchError } from '../../../main/engine/errors.ts';
import { createRandom } from '../../../main/engine/random.ts';
import type { WorkbenchMethods } from '../../../main/services/shared/methods.ts';
import { samplePictures } from './fake-entities.ts';

type PicturesFormat = Extract<Dataset['format'], { kind: 'pictures' }>;
type Part = 'train' | 'validation' | 'test';

/** A drawing of a class: stripes, dots or cells of a colour of its own, the same for the same name. */
const draw = async (name: string, label: number, edge: number): Promise<NonNullable<Thumbnail['image']>> => {
  const random = createRandom(
    [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65521, 7),
  );
  const period = 6 + random.integer(10);
  const tint = [0, 1, 2].map(() => 60 + random.integer(150));
  const isInk = (x: number, y: number): boolean => {
    if (label % 3 === 0) return Math.floor((x + y / 2) / period) % 2 === 0;
    if (label % 3 === 1)
      return Math.hypot((x % (period * 2)) - period, (y % (period * 2)) - period) < period * 0.7;
    return (Math.floor(x / period) + Math.floor(y / period)) % 2 === 0;
  };
  const pixels = Uint8Array.from({ length: edge * edge * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    return isInk(pixel % edge, Math.floor(pixel / edge)) ? tint[at % 3]! : 236;
  });
  const file = await sharp(pixels, { raw: { width: edge, height: edge, channels: 3 } })
    .webp()
    .toBuffer();
  return { type: 'image/webp', data: file.toString('base64'), width: edge, height: edge };
};

const classesOf = ({ classes }: PicturesFormat): readonly string[] => classes ?? [];

/** As folders have them: class by class. The last in a name is its number. */
const namesIn = (format: PicturesFormat, part: Part): { name: string; label: number }[] => {
  const { pictures } = format;
  const classes = classesOf(format);
  return Array.from({ length: pictures[part] ?? 0 }, (_, at) => {
    const label = Math.floor((at * classes.length) / (pictures[part] ?? 1));
    return { name: `${part}/${classes[label]!}/${String(at).padStart(3, '0')}.jpg`, label };
  });
};

const countsOf = (format: PicturesFormat) =>
  classesOf(format).map((name, label) => {
    const count = (part: Part): number | null =>
      format.pictures[part] === null
        ? null
        : namesIn(format, part).filter((one) => one.label === label).length;
    return { name, train: count('train') ?? 0, validation: count('validation'), test: count('test') };
  });

const thumbnailOf = async (name: string, label: number, edge: number): Promise<Thumbnail> =>
  name.endsWith('007.jpg')
    ? {
        ...{ name, width: null, height: null, mark: null, image: null },
        problem: `${name}: breaks off or is damaged (jpeg: premature end); copy it again, or leave it out`,
      }
    : { name, width: 640, height: 480, mark: 1, image: await draw(name, label, edge), problem: null };

/** A token a word, and one at both ends: what a tokenizer would about make of it. */
const tokensIn = (text: string): number => 2 + text.split(/[\s_-]+|(?=[,.])/).filter(Boolean).length;

export const fakePictures = (
  find: (id: string) => Dataset,
  findModel: (id: string) => Model,
): Pick<
  WorkbenchMethods['datasets'],
  'classes' | 'pictures' | 'thumbnails' | 'prompts' | 'sharedPictures' | 'buckets' | 'framed'
> => {
  const formatOf = (id: string): PicturesFormat => {
    const { name, format } = find(id);
    if (format.kind === 'pictures') return format;
    throw new WorkbenchError('unsupported', `dataset: "${name}" has rows of text, and no pictures`);
  };
  return {
    classes: ({ id }) => countsOf(formatOf(id)),
    pictures: ({ id, part, label, from, count }) => {
      const all = namesIn(formatOf(id), part).filter((one) => label === null || one.label === label);
      return {
        total: all.length,
        pictures: all
          .slice(from, from + count)
          .map((one) => ({ ...one, caption: null, repeats: 1, prior: false })),
      };
    },
    thumbnails: async ({ id, names, edge }) => {
      const classes = classesOf(formatOf(id));
      return {
        thumbnails: await Promise.all(
          names.map((name) => thumbnailOf(name, classes.indexOf(name.split('/')[1] ?? ''), edge)),
        ),
      };
    },
    prompts: ({ id, modelId, template }) => ({
      limit: findModel(modelId).maximumPositions,
      prompts: promptsOf(classesOf(formatOf(id)), template).map((text) => ({ text, tokens: tokensIn(text) })),
    }),
    buckets: ({ framing }) => fakeBuckets(framing),
    framed: ({ framing, from, count, edge, modelId }) =>
      fakeFramed({ framing, from, count, edge, limit: modelId === undefined ? null : 77 }),
    sharedPictures: ({ id }) => {
      const { pictures } = formatOf(id);
      return {
        repeated: 1,
        contradicting: 0,
        groups: [['train/banded/001.jpg', 'train/banded/004.jpg']],
        shared: { validation: 0, test: pictures.test === null ? 0 : 1 },
        pairs:
          pictures.test === null
            ? []
            : [
                {
                  ...{ train: 'train/dotted/020.jpg', heldOut: 'test/dotted/012.jpg' },
                  ...{ part: 'test', sameClass: true },
                },
              ],
      };
    },
  };
};

/** What an import would say of the pictures that there are. */
export const fakePicturesInspection = async (trainFile: string): Promise<PicturesInspection> => {
  if (trainFile.endsWith('oxford_pets'))
    throw new WorkbenchError(
      'not-found',
      `${trainFile}: looks like OxfordPets, but has no split_zhou_OxfordPets.json: get it by ${splitSource}, or give the folder another name to read it without`,
    );
  const format = samplePictures.format as PicturesFormat;
  return {
    kind: 'pictures',
    form: samplePictures.form!,
    as: 'classes',
    subject: null,
    published: null,
    classes: countsOf(format),
    pictures: format.pictures,
    notices: [`${trainFile}/notes.txt is no picture and is left out`],
    problem: null,
    samples: await Promise.all(
      classesOf(format).map(async (said, label) => ({
        said,
        thumbnail: await thumbnailOf(`train/${said}/00${label}.jpg`, label, 96),
      })),
    ),
  };
};

/** As a CLIP of 4 layers in each tower has them; of another model, layers of its target modules. */
export const fakeLayers = ({ objective, targetModules, layers }: Model): LayerPlace[] =>
  objective === 'class-prompts'
    ? ['vision_model', 'text_model'].flatMap((tower) =>
        Array.from({ length: layers }, (_, layer) =>
          [
            'self_attn.k_proj',
            'self_attn.v_proj',
            'self_attn.q_proj',
            'self_attn.out_proj',
            'mlp.fc1',
            'mlp.fc2',
          ].map((site) => ({
            module: `${tower}.encoder.layers.${layer}.${site}`,
            outFeatures: site === 'mlp.fc1' ? 512 : 128,
            inFeatures: site === 'mlp.fc2' ? 512 : 128,
          })),
        ).flat(),
      )
    : targetModules.flatMap(({ name, count, role, ...size }) =>
        Array.from({ length: count }, (_, layer) => ({
          module: role === undefined ? `model.layers.${layer}.${name}` : `model.${name}`,
          ...size,
          ...(role && { role }),
        })),
      );

/** What an import keeps of the pictures that there are, without one where that is asked for. */
export const picturesLeft = (skipBroken: boolean): PicturesFormat => {
  const format = samplePictures.format as PicturesFormat;
  const name = 'train/woven/torn.jpg';
  return { ...format, leftOut: skipBroken ? [{ name, reason: `${name}: breaks off or is damaged` }] : [] };
};
