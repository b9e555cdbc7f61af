import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  bucketSizes,
  frameOf,
  middleOf,
} from '../../../../main/engine/data/pictures/buckets/bucket-sizes.ts';
import {
  checkedFrame,
  drawFrame,
  drawingPixels,
  framePicture,
  middleFrame,
} from '../../../../main/engine/data/pictures/buckets/frame-picture.ts';
import { framingSchema } from '../../../../main/engine/data/pictures/buckets/framing.ts';
import { openPicture } from '../../../../main/engine/data/pictures/decode/decode-picture.ts';
import { resample } from '../../../../main/engine/data/pictures/resample/resample.ts';
import { digest, fixtures, picturePath } from './fixtures.ts';

interface Seen {
  readonly pixels: string;
  readonly corner: [top: number, left: number];
}
/** As fixtures/make_subject.py wrote it. */
const expected = JSON.parse(readFileSync(join(fixtures, 'subject.json'), 'utf8')) as {
  pictures: Record<
    string,
    { lanczos: Seen; bilinear: Seen; drawn: Seen; on_white: string | null; box: string; hamming: string }
  >;
  sizes: [number, number, number, number, [number, number][]][];
  frames: number[][];
};
const pictures = Object.entries(expected.pictures);
const open = async (name: string) =>
  (await openPicture(picturePath(name))).decode({ orientation: 'as-marked' });
const square = (over: object) => framingSchema.parse({ resolution: 64, ...over });

describe('squares, as torchvision and diffusers make them', () => {
  test.each(pictures)('%s', async (name, { lanczos, bilinear, drawn }) => {
    const picture = await open(name);
    for (const [filter, { pixels, corner }] of Object.entries({ lanczos, bilinear })) {
      const framed = framePicture(picture, square({ filter }), middleFrame, name);
      expect([filter, digest(drawingPixels(framed.seen)), framed.corner]).toEqual([filter, pixels, corner]);
    }
    // What PyTorch drew, as a share of where the cut-out may lie.
    const { resized } = frameOf(picture, square({}))!;
    const [top, left] = drawn.corner;
    const chance = {
      down: (top + 0.5) / (resized.height - 64 + 1),
      across: (left + 0.5) / (resized.width - 64 + 1),
      mirrored: true,
    };
    const framed = framePicture(picture, square({ crop: 'random', flip: true }), chance, name);
    expect([digest(drawingPixels(framed.seen)), framed.corner]).toEqual([drawn.pixels, drawn.corner]);
  });
});

test.each(pictures)(
  "%s is resized by Pillow's box and Hamming, and laid on white",
  async (name, expected) => {
    const picture = await open(name);
    for (const filter of ['box', 'hamming'] as const)
      expect([filter, digest(resample(picture, { width: 37, height: 29, filter }).rgb)]).toEqual([
        filter,
        expected[filter],
      ]);
    const opened = await openPicture(picturePath(name));
    expect(opened.hasAlpha).toBe(expected.on_white !== null);
    const { rgb } = await opened.decode({ transparency: 'on-white' });
    expect(digest(rgb)).toBe(expected.on_white ?? digest((await opened.decode()).rgb));
  },
);

describe("buckets, as kohya's trainers make them", () => {
  test.each(expected.sizes)(
    'of %i pixels, from %i to %i in steps of %i',
    (resolution, least, most, steps, sizes) => {
      const found = bucketSizes(resolution, { smallest: least, largest: most, step: steps, upscale: true });
      expect(found.map(({ width, height }) => [width, height])).toEqual(sizes);
    },
  );

  test('each picture goes where it goes there', () => {
    expect(expected.frames.length).toBeGreaterThan(700);
    for (const [resolution, least, most, steps, upscale, width, height, ...frame] of expected.frames as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      ...number[],
    ][]) {
      const buckets = { smallest: least, largest: most, step: steps, upscale: upscale === 1 };
      const found = frameOf({ width, height }, { resolution, buckets });
      const flat = found && [
        found.bucket.width,
        found.bucket.height,
        found.resized.width,
        found.resized.height,
      ];
      const isLost = frame[0] === 0 || frame[1] === 0;
      expect([resolution, steps, upscale, width, height, flat]).toEqual([
        resolution,
        steps,
        upscale,
        width,
        height,
        isLost ? null : frame,
      ]);
    }
  });

  test('what SDXL is told, of the middle and of chance', async () => {
    const picture = await open('photo-07.jpg');
    const framing = framingSchema.parse({ resolution: 256, buckets: {} });
    const framed = framePicture(picture, framing, middleFrame, 'x');
    expect(framed).toMatchObject({ originalSize: [449, 640], targetSize: [256, 256], corner: [0, 54] });
    expect(framed.enlargement).toBeCloseTo(256 / 449);
    expect([framed.seen.width, framed.seen.height]).toEqual([256, 256]);
  });

  test('one that is smaller than a step is refused by name where nothing is enlarged', async () => {
    const picture = await open('photo-08.jpg');
    const framing = framingSchema.parse({ buckets: { upscale: false } });
    expect(() => framePicture(picture, framing, middleFrame, 'tiny.jpg')).toThrow(
      'tiny.jpg: is 31 x 17 pixels, and a bucket has at least 64 on each side: enlarge it, or switch on buckets.upscale',
    );
  });
});

test.each([
  [
    [4000, 2],
    null,
    'is 4000 x 2 pixels, and to cover 512 x 512 it would be so long that a 2000th of it is seen',
  ],
  [[2, 4000], null, 'so long that a 2000th of it is seen'],
  [[4000, 2], {}, 'to cover 1024 x 256 it would be so long that a 500th of it is seen'],
  [[1, 1], null, 'to cover 512 x 512 it would be enlarged 512 times, which should be 32 at most'],
  [[15, 15], null, 'enlarged 34 times'],
])(
  'a picture of %j is refused where nothing of it would be seen (buckets: %j)',
  ([width, height], buckets, message) => {
    const framing = framingSchema.parse({ buckets });
    const size = { width: width!, height: height! };
    expect(() => checkedFrame(size, framing, 'odd.png')).toThrow(`odd.png: `);
    expect(() => checkedFrame(size, framing, 'odd.png')).toThrow(message);
  },
);

describe('one size for all pictures, not square', () => {
  const framing = framingSchema.parse({ resolution: { width: 512, height: 768 } });

  test('is covered, and what stands over is cut off in the middle', () => {
    // 768 / 449 times as large is 1094.7 x 768, of which 291 of 583 pixels are cut off at the left.
    const frame = frameOf({ width: 640, height: 449 }, framing)!;
    expect(frame).toEqual({
      bucket: { width: 512, height: 768 },
      resized: { width: 1095, height: 768 },
    });
    expect(middleOf(1095 - 512, framing)).toBe(291);
    expect(frameOf({ width: 300, height: 900 }, framing)!.resized).toEqual({ width: 512, height: 1536 });
  });

  test('is what training sees, and what SDXL is told', async () => {
    const small = framingSchema.parse({ resolution: { width: 64, height: 96 } });
    const framed = framePicture(await open('photo-07.jpg'), small, middleFrame, 'x');
    expect([framed.seen.width, framed.seen.height]).toEqual([64, 96]);
    expect(framed).toMatchObject({ originalSize: [449, 640], targetSize: [96, 64], corner: [0, 36] });
  });

  test('is a square where both sides are one, to the same pixels', async () => {
    const picture = await open('photo-07.jpg');
    const [one, other] = [256, { width: 256, height: 256 }].map((resolution) =>
      framePicture(picture, framingSchema.parse({ resolution }), middleFrame, 'x'),
    );
    expect(other).toEqual(one);
  });
});

test('one at the limits is taken', () => {
  const framing = framingSchema.parse({});
  for (const [width, height] of [
    [16, 16],
    [3200, 100],
    [100, 3200],
  ] as const)
    expect(checkedFrame({ width, height }, framing, 'x').bucket).toEqual({ width: 512, height: 512 });
});

test('what is drawn depends on seed, epoch and place alone, and on what is left to chance', () => {
  const place = { seed: 3, epoch: 1, index: 4 };
  const wild = { crop: 'random', flip: true } as const;
  expect(drawFrame(wild, place)).toEqual(drawFrame(wild, place));
  expect(drawFrame(wild, place)).not.toEqual(drawFrame(wild, { ...place, epoch: 2 }));
  expect(drawFrame({ crop: 'centre', flip: false }, place)).toEqual(middleFrame);
  const mirrored = Array.from({ length: 400 }, (_, index) => drawFrame(wild, { ...place, index }).mirrored);
  expect(mirrored.filter(Boolean).length).toBeGreaterThan(160);
  expect(mirrored.filter(Boolean).length).toBeLessThan(240);
});

test('settings that no model takes are named', () => {
  expect(() => framingSchema.parse({ resolution: 500 })).toThrow();
});
