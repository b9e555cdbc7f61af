import type { Database } from 'better-sqlite3';

/** What people have asked of the queue, whatever process runs it. */
export interface QueueState {
  /** Since when nothing more is started; null while it goes on. */
  readonly pausedAt: string | null;
  /** Whether what ran then was paused, too. */
  readonly andRunning: boolean;
}

interface Row {
  readonly paused_at: string | null;
  readonly and_running: number;
}

export const queueRepository = (database: Database) => {
  const read = database.prepare('SELECT paused_at, and_running FROM queue');
  // Asked a second time, it stays paused since the first; what runs can still be paused, too.
  const pause = database.prepare(
    'UPDATE queue SET paused_at = coalesce(paused_at, ?), and_running = max(and_running, ?)',
  );
  const resume = database.prepare('UPDATE queue SET paused_at = NULL, and_running = 0');
  return {
    read: (): QueueState => {
      const { paused_at, and_running } = read.get() as Row;
      return { pausedAt: paused_at, andRunning: and_running === 1 };
    },
    pause: (at: string, andRunning: boolean): void => void pause.run(at, Number(andRunning)),
    resume: (): void => void resume.run(),
  };
};
