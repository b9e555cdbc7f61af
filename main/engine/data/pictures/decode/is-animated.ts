import type { PictureFormat } from './picture-format.ts';

const nameAt = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));

/** A PNG says in `acTL`, before its pixels, that there are more pictures than one (APNG). */
const isAnimatedPng = (bytes: Uint8Array): boolean => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const signature = 8;
  // A chunk has its length, its name, its content and a sum.
  for (let at = signature; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const name = nameAt(bytes, at + 4);
    if (name === 'acTL') return at + 12 <= bytes.length && view.getUint32(at + 8) > 1;
    if (name === 'IDAT') return false;
  }
  return false;
};

/** A WebP says it in the flags of its first chunk, where that is the extended one. */
const isAnimatedWebp = (bytes: Uint8Array): boolean =>
  nameAt(bytes, 12) === 'VP8X' && ((bytes[20] ?? 0) & 0b10) !== 0;

/** Whether a file holds an animation, of which the first picture alone is read. */
export const isAnimated = (bytes: Uint8Array, format: PictureFormat): boolean => {
  if (format === 'PNG') return isAnimatedPng(bytes);
  return format === 'WebP' && isAnimatedWebp(bytes);
};
