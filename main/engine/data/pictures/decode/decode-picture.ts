import type { Metadata } from 'sharp';
import { invalidInput, WorkbenchError } from '../../../errors.ts';
import { limitText } from '../../../limit-text.ts';
import { plainLine } from '../../../plain-line.ts';
import { readRegularFile } from '../../../formats/regular-file.ts';
import type { Picture } from '../picture.ts';
import { plainDecoding, type Decoding } from './decoding.ts';
import { isAnimated } from './is-animated.ts';
import { laidOnWhite } from './lay-on-white.ts';
import { loadDecoder } from './load-decoder.ts';
import { pictureFormat, type PictureFormat } from './picture-format.ts';

/** What Pillow opens at most: 0.5 GB of RGB. A picture of a few bytes can say that it is larger. */
export const mostPixels = 178_956_970;
/** Of a file, read whole. */
export const mostPictureBytes = 128 * 2 ** 20;

/** A picture whose header was read, and its pixels not yet. */
export interface OpenedPicture {
  readonly format: PictureFormat;
  /** As stored. */
  readonly width: number;
  readonly height: number;
  /** 1 to 8, as EXIF has it: 1 stands upright, and so does a file without a mark. */
  readonly mark: number;
  /** Whether its pixels say how much shows of what is behind them; all of them may be opaque. */
  readonly hasAlpha: boolean;
  /** Whether there are more pictures in it than the one that is decoded. */
  readonly isAnimated: boolean;
  /** What is left open is as Pillow has it, but for what is said. @throws WorkbenchError for a file that breaks off or is damaged */
  decode(decoding?: Partial<Decoding>): Promise<Picture>;
}

/** As openPictureBytes, of a file. */
export const openPicture = (path: string): Promise<OpenedPicture> =>
  openPictureBytes(readRegularFile(path, mostPictureBytes), path);

/**
 * Reads a picture's header. Decoded it has the pixels that Pillow's convert('RGB') gives, bit for bit: alpha is dropped unless it is laid on white, grey and palettes become
 * colours, colour profiles are not heeded, of an animation the first picture is taken. A file's name says nothing about what is in it.
 * @param place the file, for errors
 * @throws WorkbenchError for what is no JPEG, PNG or WebP, has CMYK or 16 bits, or more pixels than `mostPixels`
 */
export const openPictureBytes = async (bytes: Uint8Array, place: string): Promise<OpenedPicture> => {
  const format = pictureFormat(bytes, place);
  const sharp = await loadDecoder();
  const open = () =>
    sharp(bytes, { failOn: 'error', limitInputPixels: mostPixels, ignoreIcc: true, sequentialRead: true });
  // The limit is ours to tell, so that the header of a larger picture can be read.
  const { width, height, orientation, hasAlpha, ...rest } = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw damaged(place, format, error);
    });
  if (width * height > mostPixels)
    throw new WorkbenchError(
      'unsupported',
      `${place}: has ${limitText(width)} x ${limitText(height)} pixels; a picture may have ${limitText(mostPixels)} of them: make it smaller`,
    );
  refuseMode(rest, place);
  return {
    format,
    width,
    height,
    mark: orientation ?? 1,
    hasAlpha,
    isAnimated: isAnimated(bytes, format),
    decode: async (wanted = {}) => {
      const { orientation, transparency } = { ...plainDecoding, ...wanted };
      const onWhite = hasAlpha && transparency === 'on-white';
      const image = (orientation === 'as-marked' ? open().autoOrient() : open()).toColourspace('srgb');
      const { data, info } = await (onWhite ? image.ensureAlpha() : image.removeAlpha())
        .raw()
        .toBuffer({ resolveWithObject: true })
        .catch((error: unknown) => {
          throw damaged(place, format, error);
        });
      if (info.channels !== (onWhite ? 4 : 3))
        throw new Error(`${place}: decoded to ${info.channels} channels`);
      return { width: info.width, height: info.height, rgb: onWhite ? laidOnWhite(data) : data };
    },
  };
};

/** Pillow reads these otherwise than libvips, so that a run would not be what it is elsewhere. */
const refuseMode = ({ space, depth }: Pick<Metadata, 'space' | 'depth'>, place: string): void => {
  if (space === 'cmyk')
    throw new WorkbenchError('unsupported', `${place}: has the colours of print (CMYK); save it as RGB`);
  if (depth !== 'uchar')
    throw new WorkbenchError(
      'unsupported',
      `${place}: has ${depth === 'ushort' ? '16 bits' : `numbers of the kind ${depth}`} a channel; save it with 8`,
    );
};

const damaged = (place: string, format: PictureFormat, error: unknown): WorkbenchError =>
  invalidInput(
    `${place}: breaks off or is damaged (${format}: ${plainLine(error instanceof Error ? error.message : String(error), 200)}); copy it again, or leave it out`,
    { cause: error },
  );
