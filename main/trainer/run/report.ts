import type { Phase } from '../protocol/protocol.ts';

/** Reports a phase, lets messages in, and throws where the run is to be cancelled. */
export type Report = (phase: Phase, done: number, total: number) => Promise<void>;
