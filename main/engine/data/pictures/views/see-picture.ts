import { mirrored, type Picture, type Region } from '../picture.ts';
import { resample } from '../resample/resample.ts';
import { sizeOfView, type PictureView } from './picture-view.ts';

/** The picture as the model sees it when nothing is left to chance, before its values are scaled. */
export const seePicture = (picture: Picture, view: PictureView): Picture => {
  const { resize, crop } = view;
  const whole = resizedSize(picture, view);
  const window =
    crop === null
      ? { left: 0, top: 0, ...whole }
      : {
          left: middle(whole.width - crop.width, view.centre),
          top: middle(whole.height - crop.height, view.centre),
          ...crop,
        };
  return resample(picture, { ...whole, filter: resize.filter, window });
};

/** The same of a part of the picture, resized to what the model takes whatever its aspect, as training does. */
export const seeRegion = (picture: Picture, view: PictureView, region: Region, mirror: boolean): Picture => {
  const seen = resample(picture, { ...sizeOfView(view), filter: view.resize.filter, region });
  return mirror ? mirrored(seen) : seen;
};

const resizedSize = (
  { width, height }: Picture,
  { resize }: PictureView,
): { width: number; height: number } => {
  if (resize.kind === 'exact') return { width: resize.width, height: resize.height };
  const { edge } = resize;
  return width <= height
    ? { width: edge, height: Math.trunc((edge * height) / width) }
    : { width: Math.trunc((edge * width) / height), height: edge };
};

const middle = (left: number, centre: PictureView['centre']): number => {
  const down = Math.floor(left / 2);
  return centre === 'even' && left % 2 === 1 && down % 2 === 1 ? down + 1 : down;
};

/**
 * What the model's graph takes of a picture that was seen.
 * @param target 3 x height x width values from `offset` on are written; float32 arithmetic as NumPy's
 */
export const writePixels = (
  { width, height, rgb }: Picture,
  view: PictureView,
  target: Float32Array,
  offset = 0,
): void => {
  const plane = width * height;
  for (let channel = 0; channel < 3; channel++) {
    const values = channelValues(view, channel);
    const start = offset + channel * plane;
    for (let pixel = 0; pixel < plane; pixel++) target[start + pixel] = values[rgb[pixel * 3 + channel]!]!;
  }
};

/** What each of the 256 values becomes. */
const channelValues = ({ scale, mean, deviation }: PictureView, channel: number): Float32Array => {
  const middleValue = Math.fround(mean[channel]!);
  const spread = Math.fround(deviation[channel]!);
  return Float32Array.from({ length: 256 }, (_, value) =>
    Math.fround(Math.fround(Math.fround(value * scale) - middleValue) / spread),
  );
};
