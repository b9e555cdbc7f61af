import { expect, test } from 'vitest';
import { clipView } from '../../../../main/engine/data/pictures/views/picture-view.ts';
import {
  clipLoraVariation,
  drawRegion,
  seeVaried,
} from '../../../../main/engine/data/pictures/views/random-view.ts';
import { seeRegion } from '../../../../main/engine/data/pictures/views/see-picture.ts';
import { createRandom } from '../../../../main/engine/random.ts';

const draws = 20_000;

test('areas are even, aspects are even in their logarithm, places are even', () => {
  const random = createRandom(5);
  const picture = { width: 1000, height: 1000 };
  const regions = Array.from({ length: draws }, () => drawRegion(picture, clipLoraVariation, random));
  const aspects = regions.map(({ width, height }) => Math.log(width / height) / Math.log(4 / 3));
  const areas = regions.map(({ width, height }) => (width * height) / 1e6);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(Math.abs(mean(aspects))).toBeLessThan(0.02);
  expect(Math.min(...aspects)).toBeGreaterThan(-1.02);
  expect(Math.max(...aspects)).toBeLessThan(1.02);
  expect(Math.min(...areas)).toBeGreaterThan(0.0799);
  // Too large an area does not fit at most aspects and is drawn again, so the mean is less than 0.54.
  const small = areas.filter((area) => area < 0.5);
  for (const bound of [0.185, 0.29, 0.395])
    expect(small.filter((area) => area < bound).length / small.length).toBeCloseTo(
      (bound - 0.08) / 0.42,
      1.7,
    );
  const left = regions.map((region) => region.left / Math.max(1, 1000 - region.width));
  expect(mean(left)).toBeCloseTo(0.5, 1.7);
  for (const region of regions) {
    expect(region.left + region.width).toBeLessThanOrEqual(1000);
    expect(region.top + region.height).toBeLessThanOrEqual(1000);
  }
});

test('of a strip the middle is taken, with the nearest aspect that may be', () => {
  const random = createRandom(1);
  const strip = { ...clipLoraVariation, area: [1, 1] as const };
  expect(drawRegion({ width: 1000, height: 30 }, strip, random)).toEqual({
    left: 480,
    top: 0,
    width: 40,
    height: 30,
  });
  expect(drawRegion({ width: 30, height: 1000 }, strip, random)).toEqual({
    left: 0,
    top: 480,
    width: 30,
    height: 40,
  });
  expect(drawRegion({ width: 1, height: 1 }, strip, random)).toEqual({
    left: 0,
    top: 0,
    width: 1,
    height: 1,
  });
});

test('what is seen depends on seed, epoch and place alone', () => {
  const random = createRandom(9);
  const picture = {
    width: 60,
    height: 45,
    rgb: Uint8Array.from({ length: 60 * 45 * 3 }, () => random.integer(256)),
  };
  const see = (seed: number, epoch: number, index: number) =>
    seeVaried(picture, clipView, clipLoraVariation, { seed, epoch, index }).rgb;
  const first = see(1, 0, 0);
  expect(see(1, 0, 0)).toEqual(first);
  for (const [seed, epoch, index] of [
    [2, 0, 0],
    [1, 1, 0],
    [1, 0, 1],
  ] as const)
    expect(see(seed, epoch, index)).not.toEqual(first);
  const whole = { area: [1, 1], aspect: [60 / 45, 60 / 45], mirrored: 0 } as const;
  expect(seeVaried(picture, clipView, whole, { seed: 1, epoch: 0, index: 0 }).rgb).toEqual(
    seeRegion(picture, clipView, { left: 0, top: 0, width: 60, height: 45 }, false).rgb,
  );
});

test('half of the pictures are mirrored', () => {
  const picture = { width: 2, height: 1, rgb: Uint8Array.of(0, 0, 0, 255, 255, 255) };
  const whole = { area: [1, 1], aspect: [2, 2], mirrored: 0.5 } as const;
  const mirrored = Array.from({ length: 400 }, (_, index) => {
    const seen = seeVaried(picture, { ...clipView, crop: { width: 2, height: 1 } }, whole, {
      seed: 4,
      epoch: 0,
      index,
    });
    return seen.rgb[0] === 255;
  }).filter(Boolean).length;
  expect(mirrored).toBeGreaterThan(160);
  expect(mirrored).toBeLessThan(240);
});
