import type { Batch } from '../../engine/data/batches/batch.ts';
import {
  createBatchStream,
  sequentialBatches,
  type BatchStreamState,
} from '../../engine/data/batches/batches.ts';
import type { Batching } from '../../engine/data/batches/batching.ts';
import type { Example } from '../../engine/data/examples/examples.ts';
import { countSteps } from '../../engine/train/settings/count-steps.ts';
import { countedLength } from '../../engine/train/settings/run-length.ts';
import type { RunSpecification } from '../protocol/protocol.ts';
import type { RunData } from './run-data.ts';
import { runSeeds } from './run-seeds.ts';

/** Training batches, one step's after the other. */
export interface RunStream {
  /** The next batches; fewer where the run has no more. */
  readonly take: (count: number) => Promise<readonly Batch[]>;
  /** Behind the last batch that was taken. */
  readonly state: () => BatchStreamState;
  readonly close: () => Promise<void>;
}

/** What a run trains and is measured on, whatever its batches are made of. */
export interface RunBatches {
  /** Optimizer steps of the run. */
  readonly countSteps: () => number;
  /** From a checkpoint's place on, bit for bit; from the beginning without one. */
  readonly stream: (state?: BatchStreamState) => RunStream;
  /** Training batches for calibration, in an order of their own. */
  readonly calibration: (count: number) => Promise<readonly Batch[]>;
  /** The held-out part in order, and how many batches it is. */
  readonly heldOut: () => {
    readonly count: number;
    readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  };
}

/** Batches of texts, which are in memory. */
export const textBatches = (
  { training, seed }: Pick<RunSpecification, 'training' | 'seed'>,
  { train, validation }: RunData,
  batching: Batching<Example>,
): RunBatches => {
  const { batchSize, gradientAccumulation, epochs, evaluationBatches } = training;
  const { data, initialisation } = runSeeds(seed);
  const rows = { examples: train, batching };
  return {
    countSteps: () =>
      countSteps(countedLength(training), {
        ...rows,
        seed: data,
        rowsPerStep: batchSize * gradientAccumulation,
      }),
    stream: (state) => {
      const stream = createBatchStream({ ...rows, batchSize, epochs, seed: data, ...(state && { state }) });
      return {
        take: (count) => Promise.resolve(stream.take(count)),
        state: stream.state,
        close: () => Promise.resolve(),
      };
    },
    calibration: (count) => {
      const stream = createBatchStream({ ...rows, batchSize, seed: initialisation });
      return Promise.resolve(Array.from({ length: count }, () => stream.next()));
    },
    heldOut: () => {
      const batches = sequentialBatches({ batchSize, batching, examples: validation })
        .take(evaluationBatches ?? Infinity)
        .toArray();
      return { count: batches.length, batches };
    },
  };
};
