import { baseFormats } from '../base/base-format.ts';
import type { TrainingSettings } from '../train/settings/training-settings.ts';

/** The training settings that a run's memory depends on. */
export type MemorySettings = Pick<
  TrainingSettings,
  'memory' | 'batchSize' | 'gradientAccumulation' | 'sequenceLength' | 'baseFormat'
>;

const shortestSequence = 64;
const accumulationAtMost = 4096;

const smallerBatches = (settings: MemorySettings): MemorySettings[] => {
  const { batchSize, gradientAccumulation } = settings;
  const sizes = Array.from({ length: batchSize - 1 }, (_, index) => batchSize - 1 - index);
  return sizes
    .filter((size) => batchSize % size === 0)
    .map((size) => ({
      ...settings,
      batchSize: size,
      gradientAccumulation: (gradientAccumulation * batchSize) / size,
    }))
    .filter((smaller) => smaller.gradientAccumulation <= accumulationAtMost);
};

const shorterSequences = (settings: MemorySettings): MemorySettings[] => {
  const shorter: MemorySettings[] = [];
  for (let length = settings.sequenceLength >> 1; length >= shortestSequence; length >>= 1)
    shorter.push({ ...settings, sequenceLength: length });
  return shorter;
};

const smallerFormats = (settings: MemorySettings): MemorySettings[] =>
  baseFormats
    .slice(baseFormats.indexOf(settings.baseFormat) + 1)
    .map((baseFormat) => ({ ...settings, baseFormat }));

/**
 * Ways to less memory, in the order of what they cost: time only, then the same gradient from smaller batches, then context, then
 * precision of the base (with the whole sequence first). Each list goes on from what the ones before it have given up, and takes
 * less memory from one to the next.
 */
const ways = (settings: MemorySettings): MemorySettings[][] => {
  const low: MemorySettings = { ...settings, memory: 'low' };
  const batches = smallerBatches(low);
  const smallest = batches.at(-1) ?? low;
  const sequences = shorterSequences(smallest);
  const shortest = sequences.at(-1);
  return [
    settings.memory === 'low' ? [] : [low],
    batches,
    sequences,
    // One by one: fewer bits need not always be less memory, as each product widens what it takes.
    ...[smallest, ...(shortest === undefined ? [] : [shortest])].flatMap(smallerFormats).map((one) => [one]),
  ];
};

/** The first settings that fit, of those nearest to the given ones; null where none of them does. */
export const fittingSettings = (
  settings: MemorySettings,
  fits: (settings: MemorySettings) => boolean,
): MemorySettings | null => {
  for (const way of ways(settings)) {
    const last = way.at(-1);
    // An estimate takes its time: where the end of a way does not fit, nothing on it does.
    if (last === undefined || !fits(last)) continue;
    return way.find((one) => one === last || fits(one)) ?? last;
  }
  return null;
};
