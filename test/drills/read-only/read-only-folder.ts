import { spawn, type ChildProcess } from 'node:child_process';

/** Mounts the folder, for the command alone, so that it can only be read: to root as well. */
const script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';

/** Starts Node with these words where a folder can only be read; everything else of the disk is as it is. */
export const startReadOnly = (
  folder: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): ChildProcess =>
  spawn('unshare', ['-rm', 'sh', '-c', script, folder, process.execPath, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
