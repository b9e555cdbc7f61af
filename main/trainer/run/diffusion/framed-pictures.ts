import {
  checkedFrame,
  framePicture,
  drawingPixels,
} from '../../../engine/data/pictures/buckets/frame-picture.ts';
import type { Framing } from '../../../engine/data/pictures/buckets/framing.ts';
import { openPicture } from '../../../engine/data/pictures/decode/decode-picture.ts';
import { createPictureReader } from '../../../engine/data/pictures/decode/picture-reader.ts';
import {
  pathOf,
  type SubjectPicture,
  type SubjectSet,
} from '../../../engine/data/pictures/sets/picture-set.ts';
import { invalidInput } from '../../../engine/errors.ts';
import { sha256OfFile } from '../../../engine/formats/file-hash.ts';
import type { SizedPicture } from './diffusion-data.ts';
import type { SeenView, View } from './latents.ts';

type Framed = Pick<SubjectSet, 'folder' | 'decoding'>;

/** Marks of EXIF with which a picture lies on its side. */
const liesOnSide = (mark: number): boolean => mark >= 5;

/**
 * Pictures with the sizes that training sees them in, by their headers.
 * @param step pixels of which sides are multiples: what the model can halve as often as it does
 * @throws WorkbenchError naming a picture that can't be opened, or that no size holds
 */
export const sizedPictures = async (
  set: Framed,
  pictures: readonly SubjectPicture[],
  framing: Framing,
  step: number,
): Promise<SizedPicture[]> => {
  const sized: SizedPicture[] = [];
  for (const picture of pictures) {
    const path = pathOf(set, picture);
    const { width, height, mark } = await openPicture(path);
    const isTurned = set.decoding.orientation === 'as-marked' && liesOnSide(mark);
    const size = isTurned ? { width: height, height: width } : { width, height };
    const { bucket } = checkedFrame(size, framing, path);
    if (bucket.width % step !== 0 || bucket.height % step !== 0)
      throw invalidInput(
        `training.diffusion.${framing.buckets === null ? 'resolution' : 'buckets.step'}: ${bucket.width} x ${bucket.height} pixels (${path}) can't be halved as often as the model does; take a multiple of ${step}`,
      );
    const { name, place, caption, prior, repeats } = picture;
    sized.push({ name, place, caption, prior, repeats, ...bucket });
  }
  return sized;
};

/** What training sees of a set's pictures. */
export interface FramedPictures {
  readonly see: (view: View) => Promise<SeenView>;
  readonly hashOf: (name: string) => Promise<string>;
}

export const framedPictures = (set: Framed, framing: Framing): FramedPictures => {
  const read = createPictureReader();
  const hashes = new Map<string, Promise<string>>();
  const locate = (name: string): string => pathOf(set, { name, place: set.folder });
  return {
    see: ({ name, width, height, ...chance }) =>
      read(
        () => locate(name),
        set.decoding,
        (picture) => {
          const framed = framePicture(picture, framing, chance, locate(name), { width, height });
          const { seen, originalSize, corner, targetSize } = framed;
          return { pixels: drawingPixels(seen), sizes: [...originalSize, ...corner, ...targetSize] };
        },
      ),
    hashOf: (name) => {
      const hash = hashes.get(name) ?? sha256OfFile(locate(name));
      hashes.set(name, hash);
      return hash;
    },
  };
};
