import { describe, expect, it } from 'vitest';
import { fittingSettings, type MemorySettings } from '../../../main/engine/memory/fitting-settings.ts';

const given: MemorySettings = {
  memory: 'fast',
  batchSize: 6,
  gradientAccumulation: 2,
  sequenceLength: 256,
  baseFormat: 'fp32',
};

/** Made-up memory: weights by their bits, and a unit for each token, half of it in low memory. */
const bits = { fp32: 32, bf16: 16, fp16: 16, int8: 8, int4: 4 };
const size = ({ memory, batchSize, sequenceLength, baseFormat }: MemorySettings): number =>
  100 * bits[baseFormat] + (batchSize * sequenceLength) / (memory === 'low' ? 2 : 1);
const within = (room: number) => fittingSettings(given, (settings) => size(settings) <= room);

describe('settings that fit', () => {
  it.each([
    ['low memory first', 3200 + 768, { memory: 'low' }],
    [
      'then a smaller batch, the product kept',
      3200 + 767,
      { memory: 'low', batchSize: 3, gradientAccumulation: 4 },
    ],
    ['the smallest batch', 3200 + 128, { memory: 'low', batchSize: 1, gradientAccumulation: 12 }],
    [
      'then a shorter sequence',
      3200 + 127,
      { memory: 'low', batchSize: 1, gradientAccumulation: 12, sequenceLength: 128 },
    ],
    [
      'then fewer bits, with the whole sequence again',
      1600 + 128,
      { memory: 'low', batchSize: 1, gradientAccumulation: 12, baseFormat: 'bf16' },
    ],
    [
      'and all of it',
      400 + 32,
      {
        memory: 'low',
        batchSize: 1,
        gradientAccumulation: 12,
        sequenceLength: 64,
        baseFormat: 'int4',
      },
    ],
  ])('are %s', (_, room, changes) => {
    expect(within(room)).toEqual({ ...given, ...changes });
  });

  it('are none where nothing fits, and few are tried', () => {
    let tried = 0;
    expect(fittingSettings({ ...given, batchSize: 4096 }, () => ++tried < 0)).toBeNull();
    expect(tried).toBeLessThan(12);
  });

  it('keep to what an experiment may have', () => {
    const large = { ...given, gradientAccumulation: 4096 };
    const fitting = fittingSettings(large, (settings) => settings.sequenceLength < 256);
    expect(fitting).toEqual({ ...large, memory: 'low', sequenceLength: 128 });
  });
});
