import { createRandom } from '../../../random.ts';
import { invalidInput } from '../../../errors.ts';
import { mirrored, type Picture } from '../picture.ts';
import { resample } from '../resample/resample.ts';
import {
  coveringFrame,
  enlargement,
  frameOf,
  frameRefusal,
  middleOf,
  type Frame,
  type Size,
} from './bucket-sizes.ts';
import type { Framing } from './framing.ts';

/** What is left to chance of how a picture is seen. */
export interface FrameChance {
  /** Where the cut-out lies, from 0 to 1 (not included) of where it may lie; null for the middle. */
  readonly across: number | null;
  readonly down: number | null;
  readonly mirrored: boolean;
}

export const middleFrame: FrameChance = { across: null, down: null, mirrored: false };

/**
 * What is drawn for a picture in one epoch: of the seed, the epoch and its place in the data alone, so it is the same in whatever order pictures are
 * decoded, and after a run was resumed.
 */
export const drawFrame = (
  { crop, flip }: Pick<Framing, 'crop' | 'flip'>,
  place: { readonly seed: number; readonly epoch: number; readonly index: number },
): FrameChance => {
  // Streams below 2^32 are the orders of epochs.
  const random = createRandom(place.seed, (place.epoch + 1) * 2 ** 32 + place.index);
  const [across, down, turn] = [random.uniform(), random.uniform(), random.uniform()];
  return {
    across: crop === 'random' ? across : null,
    down: crop === 'random' ? down : null,
    mirrored: flip && turn < 0.5,
  };
};

const isSize = (one: Size, other: Size): boolean => one.width === other.width && one.height === other.height;

export interface FramedPicture {
  readonly frame: Frame;
  /** What training sees, of the bucket's size. */
  readonly seen: Picture;
  /** What SDXL is told, each the vertical one first: of the picture, of the corner in what it was resized to, of the bucket. In pixels. */
  readonly originalSize: readonly [height: number, width: number];
  readonly corner: readonly [top: number, left: number];
  readonly targetSize: readonly [height: number, width: number];
  /** How many times longer its sides became; 1 or less where it wasn't enlarged. */
  readonly enlargement: number;
}

/** @throws WorkbenchError naming `place` where no bucket holds the picture */
const heldFrame = (size: Size, framing: Framing, place: string): Frame => {
  const frame = frameOf(size, framing);
  if (frame !== null) return frame;
  throw invalidInput(
    `${place}: is ${size.width} x ${size.height} pixels, and a bucket has at least ${framing.buckets!.step} on each side: enlarge it, or switch on buckets.upscale`,
  );
};

/**
 * Where a picture that a run is to train on goes.
 * @param place the picture's file, for errors
 * @throws WorkbenchError for a picture that no bucket holds, or of which nothing would be seen
 */
export const checkedFrame = (size: Size, framing: Framing, place: string): Frame => {
  const frame = heldFrame(size, framing, place);
  const refusal = frameRefusal(size, frame);
  if (refusal !== null) throw invalidInput(`${place}: ${refusal}`);
  return frame;
};

/**
 * What training sees of a picture: resized until it covers its bucket (Pillow's arithmetic, bit for bit), and what stands over cut off. It is mirrored
 * first and cut then, as diffusers' scripts do, so that the corner is one of what the model sees.
 * @param place the picture's file, for errors
 * @param size of a bucket that it has to be in, beside others; its own where absent
 * @throws WorkbenchError for a picture that no bucket holds
 */
export const framePicture = (
  picture: Picture,
  framing: Framing,
  chance: FrameChance,
  place: string,
  size?: Size,
): FramedPicture => {
  const own = heldFrame(picture, framing, place);
  const frame = size === undefined || isSize(own.bucket, size) ? own : coveringFrame(picture, size);
  const { bucket, resized } = frame;
  const at = (left: number, drawn: number | null): number =>
    drawn === null ? middleOf(left, framing) : Math.floor(drawn * (left + 1));
  const left = at(resized.width - bucket.width, chance.across);
  const top = at(resized.height - bucket.height, chance.down);
  // Mirroring what was cut at the other side is cutting what was mirrored.
  const from = chance.mirrored ? resized.width - bucket.width - left : left;
  const cut = resample(picture, {
    ...resized,
    filter: framing.filter,
    window: { left: from, top, ...bucket },
  });
  return {
    frame,
    seen: chance.mirrored ? mirrored(cut) : cut,
    originalSize: [picture.height, picture.width],
    corner: [top, left],
    targetSize: [bucket.height, bucket.width],
    enlargement: enlargement(picture, frame),
  };
};

/** What each of the 256 values becomes: torchvision's ToTensor, and Normalize by a half, in float32. */
const values = Float32Array.from({ length: 256 }, (_, value) =>
  Math.fround(Math.fround(Math.fround(value / 255) - 0.5) / 0.5),
);

/**
 * What an encoder of latents takes of a picture that was seen.
 * @param target 3 x height x width values in [-1, 1] from `offset` on are written
 */
export const writeDrawingPixels = (
  { width, height, rgb }: Picture,
  target: Float32Array,
  offset = 0,
): void => {
  const plane = width * height;
  for (let channel = 0; channel < 3; channel++) {
    const start = offset + channel * plane;
    for (let pixel = 0; pixel < plane; pixel++) target[start + pixel] = values[rgb[pixel * 3 + channel]!]!;
  }
};

export const drawingPixels = (picture: Picture): Float32Array => {
  const pixels = new Float32Array(3 * picture.width * picture.height);
  writeDrawingPixels(picture, pixels);
  return pixels;
};
