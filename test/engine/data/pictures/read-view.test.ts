import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clipView, siglipView } from '../../../../main/engine/data/pictures/views/picture-view.ts';
import { readView, viewOf } from '../../../../main/engine/data/pictures/views/read-view.ts';

/** As transformers 5.24 saves them. */
const clip = {
  crop_size: { height: 224, width: 224 },
  do_center_crop: true,
  do_convert_rgb: true,
  do_normalize: true,
  do_rescale: true,
  do_resize: true,
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_processor_type: 'CLIPImageProcessor',
  image_std: [0.26862954, 0.26130258, 0.27577711],
  resample: 3,
  rescale_factor: 0.00392156862745098,
  size: { shortest_edge: 224 },
};
const siglip = {
  do_convert_rgb: true,
  do_normalize: true,
  do_rescale: true,
  do_resize: true,
  image_mean: [0.5, 0.5, 0.5],
  image_processor_type: 'SiglipImageProcessor',
  image_std: [0.5, 0.5, 0.5],
  resample: 3,
  rescale_factor: 0.00392156862745098,
  size: { height: 224, width: 224 },
};

test('what transformers saves for CLIP and SigLIP is their view', () => {
  expect(viewOf(clip, 'p')).toEqual(clipView);
  expect(viewOf(siglip, 'p')).toEqual(siglipView);
});

test('the file of 2021 says the same in fewer words', () => {
  const { image_mean, image_std } = clip;
  const old = {
    feature_extractor_type: 'CLIPFeatureExtractor',
    crop_size: 224,
    do_center_crop: true,
    do_normalize: true,
    do_resize: true,
    image_mean,
    image_std,
    resample: 3,
    size: 224,
  };
  expect(viewOf(old, 'p')).toEqual(clipView);
  expect(viewOf({ image_processor_type: 'CLIPImageProcessor' }, 'p')).toEqual(clipView);
});

test('other sizes, filters and values are followed', () => {
  expect(
    viewOf({ ...clip, size: { shortest_edge: 40 }, crop_size: { height: 36, width: 30 }, resample: 2 }, 'p'),
  ).toMatchObject({
    resize: { kind: 'shortest-edge', edge: 40, filter: 'bilinear' },
    crop: { height: 36, width: 30 },
  });
  expect(viewOf({ ...clip, do_normalize: false, do_rescale: false }, 'p')).toMatchObject({
    scale: 1,
    mean: [0, 0, 0],
    deviation: [1, 1, 1],
  });
  expect(viewOf({ ...siglip, image_mean: 0.4, image_std: null }, 'p')).toMatchObject({
    mean: [0.4, 0.4, 0.4],
    deviation: [0.5, 0.5, 0.5],
  });
});

test.each([
  [
    { image_processor_type: 'PixtralImageProcessor' },
    'image_processor_type: is "PixtralImageProcessor"; those of CLIP, SigLIP and DINO are read',
  ],
  [{ image_processor_type: undefined }, 'image_processor_type: is missing;'],
  [{ do_pad: true }, 'do_pad is set to true, which this version does not know for image processors'],
  [{ do_resize: false }, 'do_resize: is off; pictures must come to one size'],
  [{ resample: 0 }, 'resample: is 0; 1 (Lanczos), 2 (bilinear) and 3 (bicubic) are done'],
  [{ do_center_crop: false }, 'size: keeps the aspect and nothing is cut off'],
  [
    { crop_size: 300 },
    'crop_size: 300 x 300 is more than the 224 x 224 that it is cut out of; no borders are added',
  ],
  [{ image_std: [0.5, 0, 0.5] }, 'image_std: must be more than 0'],
  [{ image_mean: [0.5, 0.5] }, 'image_mean: '],
  [{ size: { longest_edge: 224 } }, 'size: '],
  [{ size: { shortest_edge: 1e9 } }, 'size.shortest_edge: expected at most 4,096'],
])('%j is refused', (changed, message) => {
  expect(() => viewOf({ ...clip, ...changed }, 'p.json')).toThrow(`p.json: ${message}`);
});

describe('of a folder', () => {
  let folder = '';
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'view-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  test('the file is read, or its part of the processor', () => {
    expect(() => readView(folder, 224)).toThrow(`${folder}: nothing says how the model sees pictures`);
    writeFileSync(join(folder, 'processor_config.json'), JSON.stringify({ image_processor: siglip }));
    expect(readView(folder, 224)).toEqual(siglipView);
    writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(clip));
    expect(readView(folder, 224)).toEqual(clipView);
    expect(() => readView(folder, 336)).toThrow(
      'preprocessor_config.json: makes pictures of 224 x 224 pixels, and the model takes 336 x 336',
    );
  });

  test('a link that leads out of the folder is not followed', () => {
    symlinkSync(fileURLToPath(import.meta.url), join(folder, 'preprocessor_config.json'));
    expect(() => readView(folder, 224)).toThrow(/leads out of its folder/);
  });
});
