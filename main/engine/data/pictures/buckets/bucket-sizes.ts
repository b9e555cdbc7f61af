import { roundToEven } from '../round-to-even.ts';
import { rootOfArea, sizeOfResolution, type BucketSettings, type Framing, type Size } from './framing.ts';

export type { Size } from './framing.ts';

/** Where a picture goes: what training sees of it, and what it is resized to before the rest is cut off. In pixels. */
export interface Frame {
  readonly bucket: Size;
  readonly resized: Size;
}

/**
 * The sizes that kohya's trainers sort pictures into: for each width in steps the greatest height in steps that the area leaves room for, the same
 * turned over, and a square. In the order of their widths, and then of their heights.
 */
export const bucketSizes = (resolution: number, { step, smallest, largest }: BucketSettings): Size[] => {
  const area = resolution * resolution;
  const down = (side: number): number => Math.floor(side / step) * step;
  const sizes = new Map<string, Size>();
  const add = (width: number, height: number): void =>
    void sizes.set(`${width} x ${height}`, { width, height });
  add(down(resolution), down(resolution));
  for (let width = smallest; width <= largest; width += step) {
    const height = Math.min(largest, down(Math.floor(area / width)));
    if (height < smallest) continue;
    add(width, height);
    add(height, width);
  }
  return [...sizes.values()].toSorted((one, other) => one.width - other.width || one.height - other.height);
};

/** Of what a picture is resized to: as Python's int(x + 0.5). */
const nearest = (side: number): number => Math.trunc(side + 0.5);

/** Squares, as torchvision resizes and cuts: the shorter side becomes the resolution. */
const squareFrame = ({ width, height }: Size, resolution: number): Frame => {
  const longer = (long: number, short: number): number => Math.trunc((resolution * long) / short);
  const resized =
    width <= height
      ? { width: resolution, height: longer(height, width) }
      : { width: longer(width, height), height: resolution };
  return { bucket: { width: resolution, height: resolution }, resized };
};

/** The bucket of the nearest aspect, the first of several; a picture of a bucket's very size stays as it is. */
const enlargingFrame = ({ width, height }: Size, sizes: readonly Size[]): Frame => {
  const aspect = width / height;
  const error = (size: Size): number => Math.abs(size.width / size.height - aspect);
  const bucket =
    sizes.find((size) => size.width === width && size.height === height) ??
    sizes.reduce((best, size) => (error(size) < error(best) ? size : best));
  return coveringFrame({ width, height }, bucket);
};

/** A picture in a size that was chosen for it: resized until it covers that. */
export const coveringFrame = ({ width, height }: Size, bucket: Size): Frame => {
  const isWider = width / height > bucket.width / bucket.height;
  const scale = isWider ? bucket.height / height : bucket.width / width;
  return { bucket, resized: { width: nearest(width * scale), height: nearest(height * scale) } };
};

/** Only made smaller: to the area, one side in steps, and what is left over in the other is cut off. */
const shrinkingFrame = ({ width, height }: Size, resolution: number, step: number): Frame => {
  const area = resolution * resolution;
  const inSteps = (side: number): number => nearest(side) - (nearest(side) % step);
  const resized = ((): Size => {
    if (width * height <= area) return { width, height };
    const aspect = width / height;
    const across = Math.sqrt(area * aspect);
    const byWidth = inSteps(across);
    const byHeight = inSteps(area / across);
    const errorOf = (one: number, other: number): number => Math.abs(one / other - aspect);
    return errorOf(byWidth, inSteps(byWidth / aspect)) < errorOf(inSteps(byHeight * aspect), byHeight)
      ? { width: byWidth, height: nearest(byWidth / aspect) }
      : { width: nearest(byHeight * aspect), height: byHeight };
  })();
  const down = (side: number): number => side - (side % step);
  return { bucket: { width: down(resized.width), height: down(resized.height) }, resized };
};

/** All pictures in one size: in a square as torchvision has it, in another as kohya covers a bucket. */
const oneSizeFrame = (size: Size, wanted: Size): Frame =>
  isSquare(wanted) ? squareFrame(size, wanted.width) : coveringFrame(size, wanted);

const isSquare = ({ width, height }: Size): boolean => width === height;

/**
 * Where a picture of a size goes.
 * @param size as the picture is seen: turned upright where that is done
 * @returns null for one that is smaller than a step where nothing is enlarged: no bucket holds it
 */
export const frameOf = (
  size: Size,
  { resolution, buckets }: Pick<Framing, 'resolution' | 'buckets'>,
): Frame | null => {
  if (buckets === null) return oneSizeFrame(size, sizeOfResolution(resolution));
  const root = rootOfArea(resolution);
  if (buckets.upscale) return enlargingFrame(size, bucketSizes(root, buckets));
  const frame = shrinkingFrame(size, root, buckets.step);
  return frame.bucket.width === 0 || frame.bucket.height === 0 ? null : frame;
};

/** How many times longer a picture's sides become; 1 or less where it isn't enlarged. */
export const enlargement = ({ width, height }: Size, { resized }: Frame): number =>
  Math.max(resized.width / width, resized.height / height);

/** How many times longer a side may become: one of 16 pixels is 512 then, and shows colours at most. */
export const mostEnlargement = 32;
/** How many times more there may be of a picture than is seen of it. */
export const mostCutOff = 32;

/** Why training would see nothing of a picture in its frame, and what to do; null where it sees something. */
export const frameRefusal = (size: Size, frame: Frame): string | null => {
  const { bucket, resized } = frame;
  const times = enlargement(size, frame);
  const share = (resized.width * resized.height) / (bucket.width * bucket.height);
  const told = `is ${size.width} x ${size.height} pixels, and to cover ${bucket.width} x ${bucket.height}`;
  if (share > mostCutOff)
    return `${told} it would be so long that a ${Math.round(share)}th of it is seen, which should be a ${mostCutOff}nd at least: cut out what is to be seen, or leave it out`;
  if (times > mostEnlargement)
    return `${told} it would be enlarged ${Math.round(times)} times, which should be ${mostEnlargement} at most: take a larger picture, or leave it out`;
  return null;
};

/** The corner of the middle: of squares as torchvision has it, where half a pixel goes to the even number; kohya rounds down. */
export const middleOf = (
  left: number,
  { resolution, buckets }: Pick<Framing, 'resolution' | 'buckets'>,
): number =>
  buckets === null && isSquare(sizeOfResolution(resolution)) ? roundToEven(left / 2) : Math.floor(left / 2);
