import type { Model } from '../../engine/models/model.ts';

/** What a run should say about base weights that are not held as they are in the model's files. */
export const baseNotices = ({ base }: Model): string[] =>
  base === undefined || base.format === 'fp32'
    ? []
    : [
        `${base.format} base: the weights of the linear layers are off by ${(100 * base.relativeError).toPrecision(2)} %`,
      ];
