import { concurrently } from '../../../engine/concurrently.ts';
import {
  enlargement,
  frameOf,
  frameRefusal,
  type Size,
} from '../../../engine/data/pictures/buckets/bucket-sizes.ts';
import {
  checkedFrame,
  drawFrame,
  framePicture,
  type FramedPicture,
} from '../../../engine/data/pictures/buckets/frame-picture.ts';
import { openPicture } from '../../../engine/data/pictures/decode/decode-picture.ts';
import { createPictureReader, usualLimits } from '../../../engine/data/pictures/decode/picture-reader.ts';
import {
  pathOf,
  type SubjectPicture,
  type SubjectSet,
} from '../../../engine/data/pictures/sets/picture-set.ts';
import { subjectOf } from '../../../engine/data/pictures/sets/subject-set.ts';
import { smallPicture } from '../../../engine/data/pictures/show/small-picture.ts';
import { seenSize } from '../../../engine/data/pictures/survey/describe-subject.ts';
import { tokenizersOf } from '../../../engine/data/tokens/pipeline-tokenizers.ts';
import type { Tokenizer } from '../../../engine/data/tokens/tokenizer.ts';
import { WorkbenchError } from '../../../engine/errors.ts';
import { openModelFolder } from '../../../engine/formats/model-folder.ts';
import type { Buckets, CaptionTokens, FramedPage } from '../../protocol/framing-schema.ts';
import type { ReadQuestion } from '../../protocol/read-schema.ts';
import type { OnProgress } from '../progress.ts';
import { openKept } from './kept-set.ts';

type Asked<Kind extends ReadQuestion['kind']> = Omit<Extract<ReadQuestion, { kind: Kind }>, 'kind'>;

/** Pictures that are named of each kind. */
const shown = 20;

/** As it is seen, of its header alone; null for one that can't be read. */
const sizeOf = async (set: SubjectSet, entry: SubjectPicture): Promise<Size | null> => {
  try {
    return seenSize(await openPicture(pathOf(set, entry)), set.decoding.orientation);
  } catch (error) {
    if (error instanceof WorkbenchError) return null;
    throw error;
  }
};

/**
 * Which sizes training sees the pictures of a set in, and which are enlarged for it.
 * @param onProgress told of pictures
 * @throws WorkbenchError as openKept; for pictures of classes
 */
export const readBuckets = async (
  { dataset, framing }: Asked<'buckets'>,
  onProgress: OnProgress,
): Promise<Buckets> => {
  const set = subjectOf(await openKept(dataset));
  const { train } = set.parts;
  const sizes = new Map<string, Size | null>();
  await concurrently(
    [...new Map(train.map((entry) => [entry.name, entry])).values()],
    usualLimits.files,
    async (entry) => {
      sizes.set(entry.name, await sizeOf(set, entry));
      onProgress(sizes.size, train.length);
    },
  );
  const buckets = new Map<string, Buckets['buckets'][number]>();
  const enlarged: Buckets['enlarged']['pictures'] = [];
  const lost: Buckets['withoutBucket']['pictures'] = [];
  let unreadable = 0;
  for (const { name, repeats } of train) {
    const size = sizes.get(name)!;
    if (size === null) {
      unreadable++;
      continue;
    }
    const frame = frameOf(size, framing);
    if (frame === null || frameRefusal(size, frame) !== null) {
      lost.push({ name, ...size });
      continue;
    }
    const { width, height } = frame.bucket;
    const key = `${width} x ${height}`;
    const { pictures, repeated } = buckets.get(key) ?? { pictures: 0, repeated: 0 };
    buckets.set(key, { width, height, pictures: pictures + 1, repeated: repeated + repeats });
    const times = enlargement(size, frame);
    if (times > 1) enlarged.push({ name, ...size, times });
  }
  return {
    buckets: [...buckets.values()].toSorted(
      (one, other) => one.width / one.height - other.width / other.height,
    ),
    enlarged: {
      count: enlarged.length,
      pictures: enlarged.toSorted((one, other) => other.times - one.times).slice(0, shown),
    },
    withoutBucket: { count: lost.length, pictures: lost.slice(0, shown) },
    unreadable,
  };
};

/**
 * Some pictures as training sees them, with their captions in a model's tokens. One that can't be read says why and stops none of the others.
 * @throws WorkbenchError as openKept; for pictures of classes
 */
export const readFramed = async ({
  dataset,
  framing,
  from,
  count,
  edge,
  seed,
  epoch,
  model,
}: Asked<'framed-pictures'>): Promise<FramedPage> => {
  const set = subjectOf(await openKept(dataset));
  const { train } = set.parts;
  const wanted = train.slice(from, from + count);
  const tokensOf =
    model === null ? () => null : captionTokens(tokenizersOf(openModelFolder(model.directory)), model.limit);
  const read = createPictureReader();
  // Chance is drawn by the place among all that an epoch sees: here of the first of a picture's repeats.
  const placesBefore = train.slice(0, from).reduce((sum, { repeats }) => sum + repeats, 0);
  const places: number[] = [];
  wanted.reduce((place, { repeats }) => (places.push(place), place + repeats), placesBefore);
  const pictures = new Array<FramedPage['pictures'][number]>(wanted.length);
  await concurrently([...wanted.entries()], usualLimits.files, async ([at, entry]) => {
    const { name, caption, repeats, prior } = entry;
    const chance = drawFrame(framing, { seed, epoch, index: places[at]! });
    const told = { name, caption, repeats, prior, tokens: caption === null ? null : tokensOf(caption) };
    try {
      const framed = await read(
        () => pathOf(set, entry),
        set.decoding,
        (picture) => {
          checkedFrame(picture, framing, name);
          return framePicture(picture, framing, chance, name);
        },
      );
      const image = await smallPicture(framed.seen, edge);
      pictures[at] = {
        ...told,
        seen: { ...seenOf(framed), mirrored: chance.mirrored, image },
        problem: null,
      };
    } catch (error) {
      if (!(error instanceof WorkbenchError)) throw error;
      pictures[at] = { ...told, seen: null, problem: error.message };
    }
  });
  return { total: train.length, pictures };
};

const seenOf = ({ frame, originalSize, corner, enlargement }: FramedPicture) => ({
  width: originalSize[1],
  height: originalSize[0],
  bucket: { ...frame.bucket },
  resized: { ...frame.resized },
  left: corner[1],
  top: corner[0],
  enlargement,
});

/**
 * What of a caption a model takes: those beyond its limit are cut before the end of the text. Of several tokenizers, as SDXL has them, the one that makes
 * the most of it counts: CLIP's and OpenCLIP's agree but for padding.
 */
const captionTokens =
  (tokenizers: readonly Tokenizer[], limit: number) =>
  (caption: string): CaptionTokens => {
    const encoded = tokenizers.map((tokenizer) => tokenizer.encodeWithOffsets(caption));
    const { ids, ends, added } = encoded.reduce((most, one) =>
      one.ids.length > most.ids.length ? one : most,
    );
    if (ids.length <= limit) return { count: ids.length, limit, kept: null };
    const own = ends.filter((_, at) => added[at] === 0);
    const last = limit - (ids.length - own.length);
    return { count: ids.length, limit, kept: caption.slice(0, own[last - 1] ?? 0) };
  };
