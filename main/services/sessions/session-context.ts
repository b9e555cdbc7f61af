import type { Store } from '../../store/store.ts';
import type { ReadFiles } from '../reading/reader.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import type { EmitEvent, WorkbenchEvent } from '../shared/workbench-events.ts';

/** What services need that keep a model in memory to answer. */
export interface SessionContext {
  readonly store: Store;
  readonly emit: EmitEvent;
  readonly subscribe: (listener: (event: WorkbenchEvent) => void) => () => void;
  readonly spawnTrainer: SpawnTrainer;
  readonly readFiles: ReadFiles;
  readonly dataDirectory: string;
  /** Asks what else stays in memory only for the next question to leave it. @returns whether there was anything */
  readonly makeRoom: () => Promise<boolean>;
  /** Bytes that a process may take now. */
  readonly available: () => number;
  /** How long a model stays in memory that nobody asks. */
  readonly idleMilliseconds: number;
}
