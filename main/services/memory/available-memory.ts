import { execFileSync } from 'node:child_process';
import { freemem } from 'node:os';

/**
 * Bytes of macOS's memory that a process can have: what is free, and what holds nothing but copies of files. `vm_stat` counts pages
 * and names their size in its first line. Null where the text says neither.
 */
export const availableOfVmStat = (text: string): number | null => {
  const pageSize = /page size of (\d+) bytes/.exec(text)?.[1];
  const pages = ['free', 'inactive', 'speculative', 'purgeable'].map(
    (kind) => new RegExp(`^Pages ${kind}:\\s+(\\d+)\\.`, 'm').exec(text)?.[1],
  );
  if (pageSize === undefined || pages[0] === undefined) return null;
  return Number(pageSize) * pages.reduce((sum, count) => sum + Number(count ?? 0), 0);
};

/** macOS fills its free pages with files, and Node counts the empty ones alone. */
const ofMac = (): number => {
  try {
    return availableOfVmStat(execFileSync('/usr/bin/vm_stat', { encoding: 'utf8' })) ?? freemem();
  } catch {
    return freemem();
  }
};

/** Zero or a number beyond any machine's where no control group sets a limit. */
const limit = (): number => process.constrainedMemory() || Infinity;

/** Bytes that a new process can take without anything being swapped out. On Linux, `freemem` is MemAvailable of /proc/meminfo. */
export const availableMemory = (): number =>
  Math.min(process.platform === 'darwin' ? ofMac() : freemem(), limit());
