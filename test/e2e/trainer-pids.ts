import { readdirSync, readFileSync } from 'node:fs';

/** The trainers that a server has started, by Linux's own list of processes; with those that only read files, if asked for. */
export const trainerPids = (server: number, { readers = false } = {}): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === server && isTrainer(pid, readers));

/** Undefined where the process is gone. */
const read = (pid: number, file: string): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
};

// The name stands in brackets and may hold anything; the state and the parent come after it.
const parentOf = (pid: number): number => Number(read(pid, 'stat')?.split(') ').at(-1)?.split(' ')[1]);

/** What reads files is the same program, with a bound on its memory. */
const isTrainer = (pid: number, readers: boolean): boolean => {
  const command = read(pid, 'cmdline') ?? '';
  return /main\/trainer\/entry\.ts/.test(command) && (readers || !command.includes('--max-old-space-size'));
};
