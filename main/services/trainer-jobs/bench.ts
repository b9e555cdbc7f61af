import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeRandomModel, type RandomModelOptions } from '../../engine/models/weights/random-weights.ts';
import type {
  BenchDecodingSpecification,
  BenchDecodingSummary,
  BenchSpecification,
  BenchSummary,
} from '../../trainer/protocol/protocol.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import { askTrainer, type QuestionOptions, type TrainerProgress } from './trainer-question.ts';

export interface BenchOptions {
  readonly spawnTrainer: SpawnTrainer;
  readonly onProgress: (progress: TrainerProgress) => void;
  /** Ends the measurement at once. */
  readonly signal: AbortSignal;
}

/**
 * Takes one measurement in a trainer process of its own, so that its peak memory is that of nothing else.
 * @returns null where it was stopped
 */
export const runBench = (
  specification: Omit<BenchSpecification, 'scratchDirectory'>,
  options: BenchOptions,
): Promise<BenchSummary | null> =>
  inScratch(options, async (scratchDirectory, asked) => {
    const command = { type: 'bench', specification: { ...specification, scratchDirectory } } as const;
    return (await askTrainer(options.spawnTrainer, command, 'benched', asked)).summary;
  });

/** The same of answering. */
export const runDecodingBench = (
  specification: Omit<BenchDecodingSpecification, 'scratchDirectory'>,
  options: BenchOptions,
): Promise<BenchDecodingSummary | null> =>
  inScratch(options, async (scratchDirectory, asked) => {
    const command = {
      type: 'bench-decoding',
      specification: { ...specification, scratchDirectory },
    } as const;
    return (await askTrainer(options.spawnTrainer, command, 'decoding-benched', asked)).summary;
  });

/** Has a trainer process measure, with a folder for as long as it does; null where it was stopped. */
const inScratch = async <Summary>(
  { signal, onProgress }: BenchOptions,
  ask: (scratchDirectory: string, options: QuestionOptions) => Promise<Summary>,
): Promise<Summary | null> => {
  if (signal.aborted) return null;
  return withTemporaryDirectory(async (scratchDirectory) => {
    try {
      return await ask(scratchDirectory, { signal, onProgress, untilGone: true });
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  });
};

/** Makes a model of random weights for as long as `use` takes. */
export const withRandomModel = <Result>(
  options: Omit<RandomModelOptions, 'directory'>,
  use: (directory: string) => Promise<Result>,
): Promise<Result> =>
  withTemporaryDirectory(async (directory) => {
    writeRandomModel({ ...options, directory });
    await new Promise((resolve) => setImmediate(resolve)); // a Ctrl-C of the meantime gets through
    return use(directory);
  });

/** A folder for as long as `use` takes. It is removed however that ends, short of a killed process. */
const withTemporaryDirectory = async <Result>(
  use: (directory: string) => Promise<Result>,
): Promise<Result> => {
  const directory = mkdtempSync(join(tmpdir(), 'nora-bench-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', remove); // a second Ctrl-C ends the process without coming back here
  try {
    return await use(directory);
  } finally {
    process.off('exit', remove);
    remove();
  }
};
