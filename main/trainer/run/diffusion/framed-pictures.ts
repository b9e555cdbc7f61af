import {
  checkedFrame,
  framePicture,
  drawingPixels,
} from '../../../engine/data/pictures/buckets/frame-picture.ts';
import type { Framing } from '../../../engine/data/pictures/buckets/framing.ts';
import { openPicture } from '../../../engine/data/pictures/decode/decode-picture.ts';
import { createPictureReader } from '../../../engine/data/pictures/decode/picture-reader.ts';
import type { Picture } from '../../../engine/data/pictures/picture.ts';
import {
  pathOf,
  type SubjectPicture,
  type SubjectSet,
} from '../../../engine/data/pictures/sets/picture-set.ts';
import { sha256OfFile } from '../../../engine/formats/file-hash.ts';
import type { SizedPicture } from './diffusion-data.ts';
import type { DrawnOfClass } from './class-pictures.ts';
import type { SeenView, View } from './latents.ts';

type Framed = Pick<SubjectSet, 'folder' | 'decoding'>;

/** Marks of EXIF with which a picture lies on its side. */
const liesOnSide = (mark: number): boolean => mark >= 5;

/**
 * Pictures with the sizes that training sees them in, by their headers.
 * @throws WorkbenchError naming a picture that can't be opened, or that no size holds
 */
export const sizedPictures = async (
  set: Framed,
  pictures: readonly SubjectPicture[],
  framing: Framing,
): Promise<SizedPicture[]> => {
  const sized: SizedPicture[] = [];
  for (const picture of pictures) {
    const path = pathOf(set, picture);
    const { width, height, mark } = await openPicture(path);
    const isTurned = set.decoding.orientation === 'as-marked' && liesOnSide(mark);
    const size = isTurned ? { width: height, height: width } : { width, height };
    const { bucket } = checkedFrame(size, framing, path);
    const { name, place, caption, prior, repeats } = picture;
    sized.push({ name, place, caption, prior, repeats, ...bucket });
  }
  return sized;
};

/** The same of those that the model drew, each once. @throws as sizedPictures does */
export const sizedDrawn = (drawn: readonly DrawnOfClass[], framing: Framing): SizedPicture[] =>
  drawn.map(({ name, picture }) => ({
    ...{ name, place: name, caption: null, prior: true, repeats: 1 },
    ...checkedFrame(picture, framing, name).bucket,
  }));

/** What training sees of a set's pictures. */
export interface FramedPictures {
  readonly see: (view: View) => Promise<SeenView>;
  readonly hashOf: (name: string) => Promise<string>;
}

const seenAs = (
  picture: Picture,
  framing: Framing,
  { width, height, ...chance }: View,
  place: string,
): SeenView => {
  const framed = framePicture(picture, framing, chance, place, { width, height });
  const { seen, originalSize, corner, targetSize } = framed;
  return { pixels: drawingPixels(seen), sizes: [...originalSize, ...corner, ...targetSize] };
};

/** @param drawn pictures that are in no file */
export const framedPictures = (
  set: Framed,
  framing: Framing,
  drawn: readonly DrawnOfClass[],
): FramedPictures => {
  const withoutFile = new Map(drawn.map((one) => [one.name, one]));
  const read = createPictureReader();
  const hashes = new Map<string, Promise<string>>();
  const locate = (name: string): string => pathOf(set, { name, place: set.folder });
  return {
    see: async (view) => {
      const inMemory = withoutFile.get(view.name);
      if (inMemory) return seenAs(inMemory.picture, framing, view, view.name);
      const place = locate(view.name);
      return read(
        () => place,
        set.decoding,
        (picture) => seenAs(picture, framing, view, place),
      );
    },
    hashOf: (name) => {
      const inMemory = withoutFile.get(name);
      if (inMemory) return Promise.resolve(inMemory.sha256);
      const hash = hashes.get(name) ?? sha256OfFile(locate(name));
      hashes.set(name, hash);
      return hash;
    },
  };
};
