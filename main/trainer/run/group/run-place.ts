import { createSharedThings, type Share } from './shared-things.ts';
import { createTurns, type Turn } from './turns.ts';

/** A run's place in its process. */
export interface RunPlace {
  readonly turn: Turn;
  readonly share: Share;
  /** Whether the process has other runs too, so that its memory is not this run's alone. */
  readonly isBesideOthers: boolean;
  /** What the run has taken so far, in seconds, as if it were alone: the process's start, its own turns, and what it was given ready-made. */
  readonly seconds: () => number;
}

/** Gives each run of a process its place for as long as it works. */
export const createPlaces = (runs: number): (<T>(work: (place: RunPlace) => Promise<T>) => Promise<T>) => {
  const turns = createTurns();
  const things = createSharedThings();
  const startSeconds = process.uptime();
  return (work) =>
    turns.take(async (turn) => {
      const share = things.open();
      const seconds = (): number => startSeconds + turn.seconds() + share.seconds();
      try {
        return await work({ turn, share, isBesideOthers: runs > 1, seconds });
      } finally {
        await share.close();
      }
    });
};
