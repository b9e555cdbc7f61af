import type { ModelPictureView } from '../../../main/api/contract.ts';

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 6 });
const channels = (values: readonly number[]): string =>
  values.map((value) => number.format(value)).join(', ');

/** What becomes of a picture before a model sees it, fact by fact. */
export const describeView = ({
  width,
  height,
  shortestEdge,
  filter,
  scale,
  mean,
  deviation,
}: ModelPictureView): { name: string; value: string }[] => [
  { name: 'Takes', value: `${width} × ${height} pixels` },
  {
    name: 'Resized',
    value:
      shortestEdge === null
        ? `to that size, whatever its aspect (${filter})`
        : `until its shorter side has ${shortestEdge} pixels (${filter}), of which the middle is cut out`,
  },
  { name: 'Values', value: `of 0 to 255 times ${number.format(scale)}` },
  { name: 'Less the mean', value: `${channels(mean)} of red, green, blue` },
  { name: 'By the deviation', value: channels(deviation) },
];
