import type { TrainerCommand, TrainerEvent } from '../protocol/protocol.ts';

/** How a trainer process ended. `stderrTail` is the last few kilobytes it wrote, for reports. */
export interface TrainerExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderrTail: string;
}

/** One trainer process seen from its parent, whatever started it: child_process or Electron's utilityProcess. */
export interface TrainerProcess {
  send(command: TrainerCommand): void;
  onEvent(listener: (event: TrainerEvent) => void): void;
  /** Called once. Everything the process had reported has been delivered before. */
  onExit(listener: (exit: TrainerExit) => void): void;
  /** Ends it at once, without a checkpoint. */
  kill(): void;
}

/** What a process may take from its start on. */
export interface ProcessLimits {
  /** Of JavaScript's own heap; one that needs more ends. */
  readonly heapMegabytes?: number;
  /** Of the process, all in all; one that takes more ends itself. */
  readonly memoryMegabytes?: number;
}

export type SpawnTrainer = (limits?: ProcessLimits) => TrainerProcess;
