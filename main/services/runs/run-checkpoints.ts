import { existsSync } from 'node:fs';
import type { CheckpointRecord } from '../../store/repositories/checkpoints.ts';
import type { Store } from '../../store/store.ts';
import { findCheckpoints } from '../../trainer/run/checkpoint-folders.ts';
import { now } from '../shared/identifiers.ts';
import { runDirectoryOf } from './run-specification.ts';

/** The latest checkpoint that is still on the disk. */
export const lastCheckpoint = (store: Store, runId: string): CheckpointRecord | undefined =>
  store.checkpoints.ofRun(runId).find(({ directory }) => existsSync(directory));

/**
 * Takes the disk's word for a run's checkpoints: a trainer whose parent died still writes one, of which nobody heard, and clears
 * older ones away.
 */
export const adoptCheckpoints = (store: Store, dataDirectory: string, runId: string): void =>
  store.transaction(() => {
    store.checkpoints.removeAll(runId);
    for (const checkpoint of findCheckpoints(runDirectoryOf(dataDirectory, runId)))
      store.checkpoints.insert({ ...checkpoint, runId, createdAt: now() });
  });
