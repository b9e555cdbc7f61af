import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../../support/paths.ts';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface Done {
  readonly code: number | null;
  readonly said: string;
}

/** A command of `nora` on a data directory, by a user of the machine who has the usual umask. */
export const noraAs = (
  { uid, gid }: User,
  { dataDirectory, home }: { readonly dataDirectory: string; readonly home: string },
  ...words: string[]
): Done => {
  const nora = [process.execPath, join(root, 'main/cli/nora.ts'), ...words, '--data-dir', dataDirectory];
  // The umask is the process's own, and Node's spawn takes none.
  const { status, stdout, stderr } = spawnSync('sh', ['-c', 'umask 022; exec "$@"', 'sh', ...nora], {
    ...{ uid, gid, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: home, TMPDIR: home } },
  });
  return { code: status, said: stdout + stderr };
};
