import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface CheckpointFolder {
  /** Optimizer steps done. */
  readonly step: number;
  readonly directory: string;
}

const folderOf = (runDirectory: string): string => join(runDirectory, 'checkpoints');

/** Where a run keeps its checkpoint of a step. */
export const checkpointDirectory = (runDirectory: string, step: number): string =>
  join(folderOf(runDirectory), `step-${String(step).padStart(8, '0')}`);

/** Optimizer steps that a checkpoint's folder stands for; NaN for another folder. */
export const stepOfCheckpoint = (directory: string): number =>
  Number(/^step-(\d+)$/.exec(basename(directory))?.[1] ?? NaN);

/** Where a run keeps what its adapter began as: its checkpoints go with it. */
export const startDirectory = (runDirectory: string): string => join(runDirectory, 'adapter-start');

/** The checkpoints that a run has on the disk, latest first. Each was whole when it was written; `checkCheckpoint` tells whether it still is. */
export const findCheckpoints = (runDirectory: string): CheckpointFolder[] => {
  const folder = folderOf(runDirectory);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => ({ step: stepOfCheckpoint(name), directory: join(folder, name) }))
    .filter(({ step }) => Number.isInteger(step))
    .sort((a, b) => b.step - a.step);
};
