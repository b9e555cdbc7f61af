import type { Model } from '../../engine/models/model.ts';

/** What a run should say about base weights that are not held as they are in the model's files. */
export const baseNotices = ({ base }: Model): string[] => {
  if (base === undefined) return [];
  const off = `${base.format} base: the weights of the linear layers are off by ${(100 * base.relativeError).toPrecision(2)} %`;
  return [
    ...(base.format === 'fp32' ? [] : [off]),
    ...(base.wasDamaged
      ? [
          `${base.format} base: the copy in the cache was not as it had been written; it was made anew from the model`,
        ]
      : []),
  ];
};
