import { fork } from 'node:child_process';
import { connectTrainer } from './connect-trainer.ts';
import type { TrainerPort } from './connect-trainer.ts';
import type { SpawnTrainer } from './trainer-process.ts';

/**
 * Trainer processes as children of this Node process.
 * @param entryPath the trainer's entry: `entry.ts` from source, its bundle otherwise
 */
export const spawnChildTrainer =
  (entryPath: string): SpawnTrainer =>
  () =>
    connectTrainer(forkPort(entryPath));

const forkPort = (entryPath: string): TrainerPort => {
  // No stdout: the command line's own must hold nothing but its result. No inherited flags such as --inspect-brk.
  const child = fork(entryPath, { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  return {
    send: (message) => {
      // Whoever sends to a trainer that is gone learns so from its exit.
      if (child.connected) child.send(message as object, () => undefined);
    },
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => {
      let problem: string | undefined;
      const never = new Promise<{ code: null; signal: null }>((resolve) =>
        child.once('error', (error) => {
          problem ??= error.message;
          if (child.pid === undefined) resolve({ code: null, signal: null }); // it never started, so it never exits
        }),
      );
      const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
        child.once('exit', (code, signal) => resolve({ code, signal })),
      );
      // Messages and stderr may still come after 'exit': wait until both channels are drained. ('close' would say so,
      // but Node does not emit it once this side has called disconnect().)
      const disconnected = new Promise((resolve) => (child.connected ? child.once('disconnect', resolve) : resolve(null)));
      const drained = new Promise((resolve) => (child.stderr ? child.stderr.once('close', resolve) : resolve(null)));
      const ended = exited.then(async (exit) => {
        await Promise.all([disconnected, drained]);
        return exit;
      });
      void Promise.race([ended, never]).then(({ code, signal }) => listener(code, signal, problem));
    },
    stderr: child.stderr,
    release: () => {
      if (child.connected) child.disconnect();
    },
    kill: () => void child.kill('SIGKILL'),
  };
};
