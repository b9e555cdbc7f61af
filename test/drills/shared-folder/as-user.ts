import { spawn, type ChildProcess } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../../support/paths.ts';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface Place {
  readonly dataDirectory: string;
  /** Of the user, for temporary files as well. */
  readonly home: string;
}

export interface Done {
  readonly code: number | null;
  /** Both of its streams. */
  readonly said: string;
}

/** Starts a command of `nora` on a data directory, by a user of the machine who has the usual umask. */
export const startAs = (
  { uid, gid }: User,
  { dataDirectory, home }: Place,
  words: string[],
): ChildProcess => {
  const nora = [process.execPath, join(root, 'main/cli/nora.ts'), ...words, '--data-dir', dataDirectory];
  // The umask is the process's own, and Node's spawn takes none.
  return spawn('sh', ['-c', 'umask 022; exec "$@" 2>&1', 'sh', ...nora], {
    ...{ uid, gid, stdio: ['ignore', 'pipe', 'inherit'] },
    env: { PATH: process.env['PATH'], HOME: home, TMPDIR: home },
  });
};

export const untilDone = async (command: ChildProcess): Promise<Done> => {
  const [said] = await Promise.all([text(command.stdout!), once(command, 'exit')]);
  return { code: command.exitCode, said };
};
