import type { CountedLength } from '../../../engine/train/settings/run-length.ts';
import { plannedBatches, type OrderOptions } from './order.ts';

interface Counting<Entry> {
  readonly order: OrderOptions<Entry>;
  readonly gradientAccumulation: number;
  /** Places of a picture's latent, with those of the class picture beside it: what stands for tokens. */
  readonly placesOf: (entry: Entry) => number;
}

const counts: {
  readonly [Unit in CountedLength['unit']]: <Entry>(counting: Counting<Entry>, count: number) => number;
} = {
  steps: (_, steps) => steps,
  epochs: ({ order, gradientAccumulation }, epochs) =>
    Math.ceil(countOf(plannedBatches({ ...order, epochs })) / gradientAccumulation),
  maxTokens: ({ order, gradientAccumulation, placesOf }, most) => {
    let [places, batches] = [0, 0];
    for (const { seeings } of plannedBatches({ ...order, epochs: undefined })) {
      if (places >= most) break;
      batches += 1;
      for (const { entry } of seeings) places += placesOf(entry);
    }
    return Math.ceil(batches / gradientAccumulation);
  },
};

const countOf = (all: Iterable<unknown>): number => {
  let count = 0;
  for (const _ of all) count += 1;
  return count;
};

/** Optimizer steps of a run, exactly: its batches are planned and none is made. */
export const countPlanned = <Entry>({ unit, count }: CountedLength, counting: Counting<Entry>): number =>
  counts[unit](counting, count);
