import { describe, expect, test } from 'vitest';
import { openPicture } from '../../../../main/engine/data/pictures/decode/decode-picture.ts';
import { mirrored, type Picture } from '../../../../main/engine/data/pictures/picture.ts';
import { cut, resample } from '../../../../main/engine/data/pictures/resample/resample.ts';
import {
  clipView,
  siglipView,
  sizeOfView,
  type PictureView,
} from '../../../../main/engine/data/pictures/views/picture-view.ts';
import {
  seePicture,
  seeRegion,
  writePixels,
} from '../../../../main/engine/data/pictures/views/see-picture.ts';
import { createRandom } from '../../../../main/engine/random.ts';
import { digest, expectedPictures, picturePath } from './fixtures.ts';

const decode = async (name: string): Promise<Picture> => (await openPicture(picturePath(name))).decode();

const pixels = (picture: Picture, view: PictureView): Float32Array => {
  const { width, height } = sizeOfView(view);
  const values = new Float32Array(3 * width * height);
  writePixels(seePicture(picture, view), view, values);
  return values;
};

describe.each(expectedPictures)('%s', (name, expected) => {
  test('is resized as by Pillow: bicubic, bilinear, Lanczos', async () => {
    const picture = await decode(name);
    const resized = {
      lanczos: resample(picture, { width: 96, height: 131, filter: 'lanczos' }),
      bilinear: resample(picture, { width: 131, height: 96, filter: 'bilinear' }),
      bicubic: resample(picture, { width: picture.width, height: 50, filter: 'bicubic' }),
    };
    const { lanczos, bilinear, bicubic } = expected;
    expect({
      lanczos: digest(resized.lanczos.rgb),
      bilinear: digest(resized.bilinear.rgb),
      bicubic: digest(resized.bicubic.rgb),
    }).toEqual({ lanczos, bilinear, bicubic });
  });

  test('is what the processors of CLIP and SigLIP make of it, to the last bit of each float', async () => {
    const picture = await decode(name);
    expect(digest(pixels(picture, clipView))).toBe(expected.clip);
    expect(digest(pixels(picture, siglipView))).toBe(expected.siglip);
    const small: PictureView = {
      ...clipView,
      resize: { kind: 'shortest-edge', edge: 40, filter: 'bilinear' },
      crop: { width: 30, height: 36 },
    };
    expect(digest(pixels(picture, small))).toBe(expected.small);
  });

  test("is cut in torchvision's middle, and a part of it is cut out before it is resized", async () => {
    const picture = await decode(name);
    expect(digest(seePicture(picture, { ...clipView, centre: 'even' }).rgb)).toBe(expected.torchvision);
    const [left, top, width, height] = expected.region;
    const region = { left, top, width, height };
    expect(digest(seeRegion(picture, clipView, region, true).rgb)).toBe(expected.region_flipped);
    const flipped = mirrored(seeRegion(picture, clipView, region, false));
    expect(digest(flipped.rgb)).toBe(expected.region_flipped);
  });
});

const noise = (width: number, height: number): Picture => {
  const random = createRandom(width, height);
  return { width, height, rgb: Uint8Array.from({ length: width * height * 3 }, () => random.integer(256)) };
};

test('a window is what would have been cut out of the whole', () => {
  const random = createRandom(3);
  for (let round = 0; round < 60; round++) {
    const picture = noise(1 + random.integer(40), 1 + random.integer(40));
    const width = 1 + random.integer(60);
    const height = 1 + random.integer(60);
    const left = random.integer(width);
    const top = random.integer(height);
    const window = {
      left,
      top,
      width: 1 + random.integer(width - left),
      height: 1 + random.integer(height - top),
    };
    const filter = (['bilinear', 'bicubic', 'lanczos'] as const)[round % 3]!;
    const whole = resample(picture, { width, height, filter });
    expect(resample(picture, { width, height, filter, window })).toEqual(cut(whole, window));
  }
});

test('a strip of which the whole would take 24 GB is seen in its middle', () => {
  const strip = noise(1, 160_000);
  const seen = seePicture(strip, clipView);
  expect([seen.width, seen.height]).toEqual([224, 224]);
});
