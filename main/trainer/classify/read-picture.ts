import { openPicture, openPictureBytes } from '../../engine/data/pictures/decode/decode-picture.ts';
import { loadDecoder } from '../../engine/data/pictures/decode/load-decoder.ts';
import type { Picture } from '../../engine/data/pictures/picture.ts';
import { sizeOfView, type PictureView } from '../../engine/data/pictures/views/picture-view.ts';
import { seePicture, writePixels } from '../../engine/data/pictures/views/see-picture.ts';
import { invalidInput } from '../../engine/errors.ts';
import { plainLine } from '../../engine/plain-line.ts';
import { mostSentBytes } from '../protocol/classify-schema.ts';
import type { PictureQuestion } from '../protocol/protocol.ts';

type Given = Extract<PictureQuestion, { kind: 'classes' }>['picture'];

export interface ReadPicture {
  /** As stored. */
  readonly width: number;
  readonly height: number;
  /** How the file says that the camera was held: 1 to 8. */
  readonly mark: number;
  /** What the model sees of it. */
  readonly seen: Picture;
  /** The same as its tower takes it. */
  readonly pixels: Float32Array;
}

/** A picture that a person gave, as the model sees pictures, and as runs train on them. @throws WorkbenchError naming it */
export const readPicture = async (given: Given, view: PictureView): Promise<ReadPicture> => {
  const opened = 'path' in given ? await openPicture(given.path) : await openSent(given);
  const seen = seePicture(await opened.decode(), view);
  const { width, height } = sizeOfView(view);
  const pixels = new Float32Array(3 * width * height);
  writePixels(seen, view, pixels);
  return { width: opened.width, height: opened.height, mark: opened.mark, seen, pixels };
};

const openSent = ({ name, base64 }: Extract<Given, { base64: string }>) => {
  const place = plainLine(name, 200);
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > mostSentBytes)
    throw invalidInput(
      `${place}: is larger than ${mostSentBytes / 2 ** 20} MB; give its path, or make it smaller`,
    );
  return openPictureBytes(bytes, place);
};

/** As a PNG in base64, pixel by pixel. */
export const pngOf = async ({ width, height, rgb }: Picture): Promise<string> => {
  const sharp = await loadDecoder();
  const png = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  return png.toString('base64');
};
