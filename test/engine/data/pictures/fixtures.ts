import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const fixtures = join(import.meta.dirname, 'fixtures');
export const picturePath = (name: string): string => join(fixtures, 'pictures', name);

/** What Pillow 12.3 and transformers 5.24 make of a picture, as fixtures/make_pictures.py wrote it: sizes, and SHA-256 of bytes. */
export interface ExpectedPicture {
  readonly format: string;
  readonly mode: string;
  readonly width: number;
  readonly height: number;
  readonly rgb: string;
  readonly turned: string;
  readonly turned_size: [number, number];
  readonly clip: string;
  readonly siglip: string;
  readonly small: string;
  readonly torchvision: string;
  readonly region: [left: number, top: number, width: number, height: number];
  readonly region_flipped: string;
  readonly lanczos: string;
  readonly bilinear: string;
  readonly bicubic: string;
}

const readFixture = <Value>(name: string): Value =>
  JSON.parse(readFileSync(join(fixtures, name), 'utf8')) as Value;

export const expectedPictures = Object.entries(readFixture<Record<string, ExpectedPicture>>('expected.json'));

export const tornPictures = readFixture<{ name: string; kept: number; pixels: string | null }[]>('torn.json');

/** Small files of the corners of the formats, as fixtures/make_corners.py wrote them; null where 16 bits are refused. */
export const corners = Object.entries(
  readFixture<Record<string, { file: string; rgb: string | null; turned: string | null }>>('corners.json'),
);

export const digest = (values: Uint8Array | Float32Array): string =>
  createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');
