import { wholeOf, type Picture, type Region } from '../picture.ts';
import type { FilterName } from './filter-names.ts';
import { filters } from './filters.ts';
import { lineWeights, weightBits, type LineWeights } from './line-weights.ts';

export interface Resampling {
  /** Of the whole new picture, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly filter: FilterName;
  /** The part of the given picture that is resized, as if it had been cut out before. All of it, if absent. */
  readonly region?: Region;
  /** The part of the new picture that is wanted: no more is computed, so a long strip takes no more memory than its middle. All, if absent. */
  readonly window?: Region;
}

/**
 * Resizes as Pillow 12's `Image.resize` does, bit for bit: rows first and then columns, each in fixed point and rounded to 8 bits between
 * them. (Pillow 13 takes the columns first in some cases where the aspect changes.)
 * @returns the window: height x width x 3
 */
export const resample = (picture: Picture, wanted: Resampling): Picture => {
  const { width, height, filter, region = wholeOf(picture), window = wholeOf(wanted) } = wanted;
  const columns =
    width === region.width
      ? null
      : lineWeights(region.width, width, filters[filter], window.left, window.width);
  const rows =
    height === region.height
      ? null
      : lineWeights(region.height, height, filters[filter], window.top, window.height);
  const needed = rows === null ? { top: window.top, height: window.height } : rowsNeeded(rows);
  const strip: Region = {
    left: columns === null ? region.left + window.left : region.left,
    top: region.top + needed.top,
    width: columns === null ? window.width : region.width,
    height: needed.height,
  };
  const narrowed = columns === null ? cut(picture, strip) : resizeRows(picture, strip, columns);
  return rows === null ? narrowed : resizeColumns(narrowed, needed.top, rows);
};

const rowsNeeded = ({ first, count }: LineWeights): Pick<Region, 'top' | 'height'> => {
  const last = first.length - 1;
  return { top: first[0]!, height: first[last]! + count[last]! - first[0]! };
};

/** The pixels of a part alone. */
export const cut = (picture: Picture, { left, top, width, height }: Region): Picture => {
  if (width === picture.width && height === picture.height) return picture;
  const rgb = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * picture.width + left) * 3;
    rgb.set(picture.rgb.subarray(start, start + width * 3), row * width * 3);
  }
  return { width, height, rgb };
};

const half = 1 << (weightBits - 1);
const toByte = (sum: number): number => {
  const value = sum >> weightBits;
  return value < 0 ? 0 : value > 255 ? 255 : value;
};

const resizeRows = (picture: Picture, strip: Region, line: LineWeights): Picture => {
  const { weights, stride, first, count } = line;
  const width = first.length;
  const from = picture.rgb;
  const rgb = new Uint8Array(width * strip.height * 3);
  for (let row = 0; row < strip.height; row++) {
    const start = (strip.top + row) * picture.width + strip.left;
    for (let column = 0; column < width; column++) {
      const pixels = count[column]!;
      const weightAt = column * stride;
      let at = (start + first[column]!) * 3;
      let red = half;
      let green = half;
      let blue = half;
      for (let x = 0; x < pixels; x++, at += 3) {
        const weight = weights[weightAt + x]!;
        red += from[at]! * weight;
        green += from[at + 1]! * weight;
        blue += from[at + 2]! * weight;
      }
      const to = (row * width + column) * 3;
      rgb[to] = toByte(red);
      rgb[to + 1] = toByte(green);
      rgb[to + 2] = toByte(blue);
    }
  }
  return { width, height: strip.height, rgb };
};

/** @param firstRow which row of the region the picture begins with */
const resizeColumns = (picture: Picture, firstRow: number, line: LineWeights): Picture => {
  const { weights, stride, first, count } = line;
  const height = first.length;
  const width = picture.width * 3;
  const from = picture.rgb;
  const rgb = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const pixels = count[row]!;
    const weightAt = row * stride;
    const start = (first[row]! - firstRow) * width;
    for (let column = 0; column < width; column++) {
      let sum = half;
      for (let y = 0, at = start + column; y < pixels; y++, at += width)
        sum += from[at]! * weights[weightAt + y]!;
      rgb[row * width + column] = toByte(sum);
    }
  }
  return { width: picture.width, height, rgb };
};
