import { crc32 } from 'node:zlib';
import { loadDecoder } from '../data/pictures/decode/load-decoder.ts';
import type { Picture } from '../data/pictures/picture.ts';

/** An iTXt chunk (PNG 1.2, 4.2.3.3) in UTF-8, as it is. */
const textChunk = (keyword: string, text: string): Buffer => {
  const type = Buffer.from('iTXt');
  // Behind the keyword: its end, not compressed, by no method, in no language, with no translated keyword.
  const data = Buffer.concat([
    Buffer.from(keyword, 'latin1'),
    Buffer.from([0, 0, 0, 0, 0]),
    Buffer.from(text),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(Buffer.concat([type, data])));
  return Buffer.concat([length, type, data, sum]);
};

/** Of a PNG: its signature, and the chunk that it begins with. */
const headerLength = 8 + 25;

/** A picture as a PNG with texts in it, by their keywords (Latin letters, 79 at most). */
export const pngFile = async (
  { width, height, rgb }: Picture,
  texts: Readonly<Record<string, string>>,
): Promise<Buffer> => {
  const sharp = await loadDecoder();
  const png = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  const chunks = Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text));
  return Buffer.concat([png.subarray(0, headerLength), ...chunks, png.subarray(headerLength)]);
};
