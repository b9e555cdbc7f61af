import { rm } from 'node:fs/promises';
import { WorkbenchError } from '../../engine/errors.ts';
import type { UnderWay } from '../shared/under-way.ts';
import { findLeftovers, isAtRestSince } from './leftovers.ts';

/** Longer than any pause between two writes of what is alive, a machine that sleeps for the night aside. */
const deadAfterMilliseconds = 60 * 60_000;

/**
 * Removes what is surely dead: begun, never finished, and not written to for an hour. Whatever is whole stays, known or not. For whoever runs
 * the queue.
 * @returns what was removed
 */
export const sweepDead = async (
  context: Parameters<typeof findLeftovers>[0],
  signal: AbortSignal,
): Promise<string[]> => {
  const removed: string[] = [];
  for (const { path, kind } of await findLeftovers(context)) {
    if (signal.aborted) break;
    if (kind !== 'unfinished' || !(await isAtRestSince(path, deadAfterMilliseconds))) continue;
    await rm(path, { recursive: true, force: true });
    removed.push(path);
  }
  return removed;
};

/** The same while nobody writes there; where somebody does, however long they may have slept, the next to open it sweeps. */
export const sweepAlone = async (
  { underWay, ...context }: Parameters<typeof sweepDead>[0] & { readonly underWay: UnderWay },
  signal: AbortSignal,
): Promise<string[]> => {
  const end = await tryAlone(underWay);
  if (end === null) return [];
  try {
    return await sweepDead(context, signal);
  } finally {
    end();
  }
};

const tryAlone = async (underWay: UnderWay): Promise<(() => void) | null> => {
  try {
    return await underWay.beginAlone();
  } catch (error) {
    // Of a full disk or one that fails, others hear who want to write.
    if (error instanceof WorkbenchError) return null;
    throw error;
  }
};
