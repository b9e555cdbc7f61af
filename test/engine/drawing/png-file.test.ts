import sharp from 'sharp';
import { expect, test } from 'vitest';
import { pixelsToPicture } from '../../../main/engine/drawing/pixels-to-picture.ts';
import { pngFile } from '../../../main/engine/drawing/png-file.ts';
import { sideBySide } from '../../../main/engine/drawing/side-by-side.ts';

test('pixels become bytes as in diffusers: halves to the even number, nothing beyond the ends', () => {
  const half = (128.5 / 255) * 2 - 1;
  const { rgb } = pixelsToPicture(Float32Array.of(-1, 1, -7, 9, 0, half), 2, 1);
  expect([...rgb]).toStrictEqual([0, 0, 128, 255, 255, 128]);
});

test('a PNG says how it was drawn, and shows the same', async () => {
  const picture = { width: 3, height: 2, rgb: Uint8Array.from({ length: 18 }, (_, at) => at * 14) };
  const png = await pngFile(picture, { parameters: 'ein Hündchen\nSteps: 4', nora: '{"seed":7}' });
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toStrictEqual([3, 2, 3]);
  expect(new Uint8Array(data)).toStrictEqual(picture.rgb);
  const { comments } = await sharp(png).metadata();
  expect(comments).toStrictEqual([
    { keyword: 'parameters', text: 'ein Hündchen\nSteps: 4' },
    { keyword: 'nora', text: '{"seed":7}' },
  ]);
});

test('pictures on one sheet have white between them', () => {
  const of = (shade: number) => ({ width: 2, height: 1, rgb: new Uint8Array(6).fill(shade) });
  const sheet = sideBySide([
    [of(1), of(2)],
    [of(3), of(4)],
  ]);
  expect([sheet.width, sheet.height]).toStrictEqual([12, 10]);
  const at = (x: number, y: number): number => sheet.rgb[3 * (y * 12 + x)]!;
  expect([at(0, 0), at(1, 0), at(2, 0), at(10, 0), at(0, 9), at(11, 9), at(0, 5)]).toStrictEqual([
    1, 1, 255, 2, 3, 4, 255,
  ]);
});
