import { roundToEven } from '../round-to-even.ts';
import type { BucketSettings, Framing } from './framing.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

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

/**
 * Where a picture of a size goes.
 * @param size as the picture is seen: turned upright where that is done
 * @returns null for one that is smaller than a step where nothing is enlarged: no bucket holds it
 */
export const frameOf = (
  size: Size,
  { resolution, buckets }: Pick<Framing, 'resolution' | 'buckets'>,
): Frame | null => {
  if (buckets === null) return squareFrame(size, resolution);
  if (buckets.upscale) return enlargingFrame(size, bucketSizes(resolution, buckets));
  const frame = shrinkingFrame(size, resolution, buckets.step);
  return frame.bucket.width === 0 || frame.bucket.height === 0 ? null : frame;
};

/** How many times longer a picture's sides become; 1 or less where it isn't enlarged. */
export const enlargement = ({ width, height }: Size, { resized }: Frame): number =>
  Math.max(resized.width / width, resized.height / height);

/** The corner of the middle, as torchvision has it: half a pixel goes to the even number; kohya rounds down. */
export const middleOf = (left: number, isSquare: boolean): number =>
  isSquare ? roundToEven(left / 2) : Math.floor(left / 2);
