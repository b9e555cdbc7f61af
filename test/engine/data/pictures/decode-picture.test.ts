import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import {
  openPicture,
  openPictureBytes,
} from '../../../../main/engine/data/pictures/decode/decode-picture.ts';
import type { Decoding } from '../../../../main/engine/data/pictures/decode/decoding.ts';
import { corners, digest, expectedPictures, fixtures, picturePath, tornPictures } from './fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('there are 40 pictures of every mode that is read', () => {
  expect(expectedPictures).toHaveLength(40);
  const modes = new Set(expectedPictures.map(([, { format, mode }]) => `${format} ${mode}`));
  expect([...modes].toSorted()).toEqual([
    'JPEG L',
    'JPEG RGB',
    'PNG 1',
    'PNG L',
    'PNG LA',
    'PNG P',
    'PNG RGB',
    'PNG RGBA',
    'WEBP RGB',
    'WEBP RGBA',
  ]);
});

test.each(expectedPictures)(
  '%s has the pixels that Pillow gives, as stored and turned',
  async (name, expected) => {
    const opened = await openPicture(picturePath(name));
    expect([opened.width, opened.height, opened.format.toUpperCase()]).toEqual([
      expected.width,
      expected.height,
      expected.format,
    ]);
    const stored = await opened.decode();
    expect([stored.width, stored.height, digest(stored.rgb)]).toEqual([
      expected.width,
      expected.height,
      expected.rgb,
    ]);
    const turned = await opened.decode({ orientation: 'as-marked' });
    expect([turned.width, turned.height, digest(turned.rgb)]).toEqual([
      ...expected.turned_size,
      expected.turned,
    ]);
    expect(opened.mark).toBe(Number(/orientation-(\d)/.exec(name)?.[1] ?? 1));
  },
);

test.each(corners)(
  '%s, a corner of its format, is read as Pillow reads it',
  async (name, { file, rgb, turned }) => {
    const opened = openPictureBytes(Buffer.from(file, 'base64'), name);
    if (rgb === null) return expect(opened).rejects.toThrow(`${name}: has 16 bits a channel; save it with 8`);
    const decode = async (decoding?: Partial<Decoding>) =>
      digest((await (await opened).decode(decoding)).rgb);
    expect([await decode(), await decode({ orientation: 'as-marked' })]).toEqual([rgb, turned]);
  },
);

test.each(tornPictures)(
  '$name with $kept bytes is read where Pillow reads it',
  async ({ name, kept, pixels }) => {
    const whole = readFileSync(picturePath(name));
    const bytes = Buffer.from(whole.subarray(0, kept));
    if (kept === whole.length) {
      bytes[kept >> 1]! ^= 0xff;
      bytes[(kept >> 1) + 1]! ^= 0x55;
    }
    const decoded = openPictureBytes(bytes, name).then((opened) => opened.decode());
    if (pixels === null)
      await expect(decoded).rejects.toThrow(
        new RegExp(`^${name}: breaks off or is damaged .*; copy it again, or leave it out$`),
      );
    else expect(digest((await decoded).rgb)).toBe(pixels);
  },
);

test("the library's other readers can't be reached", async () => {
  await openPicture(picturePath('rgb.png'));
  const drawing = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="3" height="3"/>');
  for (const input of [drawing, readFileSync(join(fixtures, 'refused/picture.gif')), picturePath('rgb.png')])
    await expect(sharp(input).raw().toBuffer()).rejects.toThrow('unsupported image format');
});

describe('refused by name', () => {
  test('what Pillow reads otherwise, or is of another format', async () => {
    const told = await Promise.all(
      readdirSync(join(fixtures, 'refused')).map(async (name) => {
        const opened = openPictureBytes(readFileSync(join(fixtures, 'refused', name)), name);
        return opened.then(
          () => `${name}: read`,
          (error: Error) => error.message,
        );
      }),
    );
    const format = 'pictures are read from JPEG, PNG, WebP: save it as one of these';
    expect(told.toSorted()).toEqual([
      'cmyk.jpg: has the colours of print (CMYK); save it as RGB',
      'grey-16-bit.png: has 16 bits a channel; save it with 8',
      `picture.bmp: is a BMP picture; ${format}`,
      `picture.gif: is a GIF picture; ${format}`,
      `picture.tiff: is a TIFF picture; ${format}`,
    ]);
    const deep = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#123456' } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    await expect(openPictureBytes(deep, 'deep.png')).rejects.toThrow('deep.png: has 16 bits a channel');
  });

  test.each([
    ['nothing', '', 'x.jpg: is empty, not a picture'],
    ['a page', '\n<!DOCTYPE html><p>404', 'x.jpg: is a web page; pictures are read from'],
    [
      'a drawing',
      '<?xml version="1.0"?>\n<svg width="3"/>',
      'x.jpg: is an SVG drawing; pictures are read from',
    ],
    ['an archive', 'PK\x03\x04', 'x.jpg: is a ZIP archive; pictures are read from'],
    ['a text', 'a picture', 'x.jpg: is no picture: it begins like none of JPEG, PNG, WebP'],
  ])('%s under the name of a picture', async (_, text, message) => {
    await expect(openPictureBytes(Buffer.from(text, 'latin1'), 'x.jpg')).rejects.toThrow(message);
  });

  test('a file that is not there, and a folder', async () => {
    const message = async (path: string): Promise<string> => {
      try {
        await openPicture(path);
        return 'read';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(await message(join(folder, 'none.jpg'))).toBe(`${join(folder, 'none.jpg')}: no such file`);
    expect(await message(folder)).toContain(`${folder}: is a`);
  });
});

test('a picture is read by what is in it, not by its name', async () => {
  const path = join(folder, 'really-png.jpg');
  writeFileSync(path, readFileSync(picturePath('rgb.png')));
  expect((await openPicture(path)).format).toBe('PNG');
});

/** A PNG file with no more rows than there is data for. */
const png = (width: number, height: number, rows: number): Buffer => {
  const chunk = (name: string, data: Buffer): Buffer => {
    const bytes = Buffer.alloc(12 + data.length);
    bytes.writeUInt32BE(data.length);
    bytes.write(name, 4, 'latin1');
    data.copy(bytes, 8);
    bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
    return bytes;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const data = deflateSync(Buffer.alloc(rows * (width + 1)));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

test('a small file that says it is 40,000 pixels wide and high is refused before anything is unpacked', async () => {
  const bomb = png(40_000, 40_000, 2000);
  expect(bomb.length).toBeLessThan(100_000);
  const before = process.memoryUsage.rss();
  await expect(openPictureBytes(bomb, 'bomb.png')).rejects.toThrow(
    'bomb.png: has 40,000 x 40,000 pixels; a picture may have 178,956,970 of them: make it smaller',
  );
  expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 2 ** 20);
});
