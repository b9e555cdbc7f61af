import type { Framing } from '../../../../../main/api/contract.ts';
import { formatCount } from '../../../format/number.ts';

/** How a person wants to see what training would see. */
export interface FramingDraft {
  resolution: '512' | '768' | '1024';
  sizes: 'buckets' | 'squares';
  upscale: boolean;
  crop: Framing['crop'];
  flip: boolean;
}

export const newFraming = (): FramingDraft => ({
  resolution: '512',
  sizes: 'buckets',
  upscale: true,
  crop: 'centre',
  flip: false,
});

/** kohya's limits of sides: half and twice the resolution, as its presets for SDXL have them too. */
export const framingOf = ({ resolution, sizes, upscale, crop, flip }: FramingDraft): Framing => {
  const side = Number(resolution);
  return {
    ...{ resolution: side, filter: 'lanczos', crop, flip },
    buckets: sizes === 'squares' ? null : { step: 64, smallest: side / 2, largest: side * 2, upscale },
  };
};

/** `1.6 times` */
export const timesText = (times: number): string => `${formatCount(Math.round(times * 10) / 10)} times`;
