import { fork } from 'node:child_process';
import { allocatorEnvironment } from './allocator-environment.ts';
import { connectTrainer } from './connect-trainer.ts';
import { heapFlagsFor } from './heap-flags.ts';
import { memoryFlagsFor } from './memory-limit.ts';
import type { TrainerPort } from './connect-trainer.ts';
import type { ProcessLimits, SpawnTrainer } from './trainer-process.ts';

/**
 * Trainer processes as children of this Node process.
 * @param entryPath the trainer's entry: `entry.ts` from source, its bundle otherwise
 */
export const spawnChildTrainer =
  (entryPath: string): SpawnTrainer =>
  (limits = {}) =>
    connectTrainer(forkPort(entryPath, limits));

const forkPort = (entryPath: string, limits: ProcessLimits): TrainerPort => {
  // No stdout: the command line's own must hold nothing but its result. No inherited flags such as --inspect-brk.
  const child = fork(entryPath, memoryFlagsFor(limits), {
    execArgv: heapFlagsFor(limits),
    env: allocatorEnvironment(process.env),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // On Windows a console of its own: one that is closed ends everything in it within seconds, whatever step that is in.
    windowsHide: true,
  });
  return {
    send: (message) => {
      // Whoever sends to a trainer that is gone learns so from its exit.
      if (child.connected) child.send(message as object, () => undefined);
    },
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => {
      let problem: string | undefined;
      const exited = new Promise<[number | null, string | null]>((resolve) => {
        child.once('exit', (code, signal) => resolve([code, signal]));
        child.on('error', (error) => {
          problem ??= error.message;
          if (child.pid === undefined) resolve([null, null]); // there never was a process that could exit
        });
      });
      // Messages and stderr may still come after 'exit'. (Node's own 'close' event stays away after a disconnect().)
      const disconnected = new Promise((resolve) => child.once('disconnect', resolve));
      const drained = new Promise((resolve) => child.stderr?.once('close', resolve));
      void Promise.all([exited, disconnected, drained]).then(([[code, signal]]) =>
        listener(code, signal, problem),
      );
    },
    stderr: child.stderr,
    release: () => {
      if (child.connected) child.disconnect();
    },
    kill: () => void child.kill('SIGKILL'),
  };
};
