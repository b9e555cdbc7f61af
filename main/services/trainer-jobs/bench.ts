import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import { writeRandomModel, type RandomModelOptions } from '../../engine/models/weights/random-weights.ts';
import type { BenchSpecification, BenchSummary } from '../../trainer/protocol/protocol.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import { startTrainerJob, type JobEnd, type TrainerNews } from './trainer-job.ts';

export type BenchProgress = Extract<TrainerNews, { type: 'progress' }>;

export interface BenchOptions {
  readonly spawnTrainer: SpawnTrainer;
  readonly onProgress: (progress: BenchProgress) => void;
  /** Ends the measurement at once. */
  readonly signal: AbortSignal;
}

/**
 * Takes one measurement in a trainer process of its own, so that its peak memory is that of nothing else.
 * @returns null where it was stopped
 */
export const runBench = async (
  specification: Omit<BenchSpecification, 'scratchDirectory'>,
  { spawnTrainer, onProgress, signal }: BenchOptions,
): Promise<BenchSummary | null> => {
  if (signal.aborted) return null;
  return withTemporaryDirectory((scratchDirectory) =>
    benchIn({ ...specification, scratchDirectory }, { spawnTrainer, onProgress, signal }),
  );
};

const benchIn = async (
  specification: BenchSpecification,
  { spawnTrainer, onProgress, signal }: BenchOptions,
): Promise<BenchSummary | null> => {
  const { promise, resolve } = Promise.withResolvers<JobEnd>();
  const job = startTrainerJob(
    spawnTrainer,
    { type: 'bench', specification },
    {
      onNews: (news) => {
        if (news.type === 'progress') onProgress(news);
      },
      onEnd: resolve,
    },
  );
  signal.addEventListener('abort', job.kill, { once: true });
  const end = await promise;
  await job.gone;
  signal.removeEventListener('abort', job.kill);
  if (end.type === 'benched') return end.summary;
  if (signal.aborted) return null;
  throw failureOf(end);
};

const failureOf = (end: JobEnd): Error => {
  if (end.type === 'died') return new WorkbenchError('internal', end.message);
  if (end.type !== 'failed') return new Error(`the trainer answered a measurement with "${end.type}"`);
  return new WorkbenchError(end.code, end.message);
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
