import sharp from 'sharp';
import type {
  Buckets,
  Dataset,
  FramedPage,
  Framing,
  PicturesChoice,
  PicturesInspection,
  Thumbnail,
} from '../../../main/api/contract.ts';
import {
  enlargement,
  frameOf,
  middleOf,
  type Size,
} from '../../../main/engine/data/pictures/buckets/bucket-sizes.ts';
import { samplePictures } from './fake-entities.ts';

/** Photographs of one subject, and one of its class. */
const photographs: readonly (Size & { name: string; caption: string | null; prior: boolean })[] = [
  { name: '10_sks dog/beach.jpg', width: 1024, height: 768, caption: 'sks dog on a beach', prior: false },
  { name: '10_sks dog/far.jpg', width: 200, height: 320, caption: 'sks dog', prior: false },
  {
    name: '10_sks dog/sofa.png',
    width: 800,
    height: 1200,
    caption: `sks dog, ${'asleep, '.repeat(60)}on a sofa`,
    prior: false,
  },
  { name: 'reg/1.jpg', width: 640, height: 640, caption: null, prior: true },
];
const repeatsOf = ({ prior }: { prior: boolean }): number => (prior ? 1 : 10);

/** What an import would make of the photographs, as they are said to be. */
export const fakeSubjectInspection = async (choice: PicturesChoice = {}): Promise<PicturesInspection> => {
  const isSubject = choice.as !== 'classes';
  const source = choice.captions ?? 'folder-names';
  const captioned = source === 'none' ? 0 : 3;
  return {
    kind: 'pictures',
    form: isSubject
      ? 'pictures of a subject, captions in the names of their folders'
      : 'pictures in folders named by their class',
    as: isSubject ? 'subject' : 'classes',
    published: null,
    classes: isSubject
      ? []
      : ['10_sks dog', 'reg'].map((name) => ({ name, train: 2, validation: null, test: null })),
    subject: isSubject ? { source, pictures: 3, captioned, repeated: 30, classPictures: 1 } : null,
    pictures: { train: 4, validation: null, test: null },
    notices: ['passed over, being videos: 10_sks dog/run.mp4'],
    problem: null,
    samples: await Promise.all(
      photographs.map(async ({ name, width, height, caption }) => ({
        said: source === 'none' ? '' : (caption ?? ''),
        thumbnail: {
          name,
          width,
          height,
          mark: 1,
          image: await photograph({ width, height }, 96),
          problem: null,
        },
      })),
    ),
  };
};

export const sampleSubject: Dataset = {
  ...samplePictures,
  id: 'dataset-3',
  name: 'my dog',
  trainFile: '/home/ada/pictures/my-dog',
  form: 'pictures of a subject, captions in the names of their folders',
  format: {
    kind: 'pictures',
    leftOut: [],
    published: null,
    classes: null,
    longestCaptions: ['sks dog on a beach', 'sks dog'],
    subject: {
      choices: {},
      captions: { source: 'folder-names', found: 3, missing: 0 },
      repeated: 30,
      classPictures: 1,
      smallest: { name: '10_sks dog/far.jpg', width: 200, height: 320 },
      largest: { name: '10_sks dog/sofa.png', width: 800, height: 1200 },
      transparent: 0,
      turned: 1,
    },
    pictures: { train: 4, validation: null, test: null },
    notices: ['turned upright as their marks say: 10_sks dog/beach.jpg'],
  },
  trainRows: 4,
  validationRows: null,
};

/** A sky, a ground and something that stands on it. */
const photograph = async (
  { width, height }: Size,
  edge: number,
): Promise<NonNullable<Thumbnail['image']>> => {
  const shrink = edge / Math.max(width, height);
  const [across, down] = [Math.round(width * shrink), Math.round(height * shrink)];
  const pixels = Uint8Array.from({ length: across * down * 3 }, (_, at) => {
    const [x, y] = [Math.floor(at / 3) % across, Math.floor(at / 3 / across)];
    const isSubject = Math.hypot(x - across * 0.5, y - down * 0.6) < Math.min(across, down) * 0.25;
    const colours = isSubject ? [150, 100, 60] : y > down * 0.7 ? [110, 150, 90] : [150, 190, 230];
    return colours[at % 3]!;
  });
  const file = await sharp(pixels, { raw: { width: across, height: down, channels: 3 } })
    .webp()
    .toBuffer();
  return { type: 'image/webp', data: file.toString('base64'), width: across, height: down };
};

export const fakeBuckets = (framing: Framing): Buckets => {
  const framed = photographs.flatMap((one) => {
    const frame = frameOf(one, framing);
    return frame === null ? [] : [{ one, frame, times: enlargement(one, frame) }];
  });
  const groups = Map.groupBy(framed, ({ frame: { bucket } }) => `${bucket.width} x ${bucket.height}`);
  const enlarged = framed.filter(({ times }) => times > 1);
  return {
    buckets: [...groups.values()].map((members) => ({
      ...members[0]!.frame.bucket,
      pictures: members.length,
      repeated: members.reduce((sum, { one }) => sum + repeatsOf(one), 0),
    })),
    enlarged: {
      count: enlarged.length,
      pictures: enlarged.map(({ one: { name, width, height }, times }) => ({ name, width, height, times })),
    },
    withoutBucket: { count: 0, pictures: [] },
    unreadable: 0,
  };
};

export const fakeFramed = async ({
  framing,
  from,
  count,
  edge,
  limit,
}: {
  framing: Framing;
  from: number;
  count: number;
  edge: number;
  limit: number | null;
}): Promise<FramedPage> => ({
  total: photographs.length,
  pictures: await Promise.all(
    photographs.slice(from, from + count).map(async (one) => {
      const { name, caption, prior } = one;
      const frame = frameOf(one, framing)!;
      const words = caption?.split(/\s+|(?=,)/).length ?? 0;
      return {
        ...{ name, caption, prior, repeats: repeatsOf(one) },
        tokens:
          caption === null || limit === null
            ? null
            : { count: words + 2, limit, kept: words + 2 > limit ? caption.slice(0, 300) : null },
        seen: {
          ...{ width: one.width, height: one.height, bucket: frame.bucket, resized: frame.resized },
          left: middleOf(frame.resized.width - frame.bucket.width, framing),
          top: middleOf(frame.resized.height - frame.bucket.height, framing),
          enlargement: enlargement(one, frame),
          mirrored: framing.flip,
          image: await photograph(frame.bucket, edge),
        },
        problem: null,
      };
    }),
  ),
});
