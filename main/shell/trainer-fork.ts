import { connectTrainer } from '../trainer/process/connect-trainer.ts';
import { heapFlagsFor } from '../trainer/process/heap-flags.ts';
import { memoryFlagsFor } from '../trainer/process/memory-limit.ts';
import type { TrainerPort } from '../trainer/process/connect-trainer.ts';
import type { ProcessLimits, SpawnTrainer } from '../trainer/process/trainer-process.ts';
import type { ElectronApi } from './electron-api.ts';

type Forking = Pick<ElectronApi, 'utilityProcess'>;

/** Electron may tell of the end before the last message is through: its two pipes are not ordered. */
const lastWordsMilliseconds = 200;

/**
 * Starts trainers as Electron utility processes. `child_process.fork` would need the runAsNode fuse, which the packaged
 * app has off. `entry` is the bundled trainer file.
 */
export const trainerFork =
  (electron: Forking, entry: string): SpawnTrainer =>
  (limits = {}) =>
    connectTrainer(utilityPort(electron, entry, limits));

const utilityPort = ({ utilityProcess }: Forking, entry: string, limits: ProcessLimits): TrainerPort => {
  const child = utilityProcess.fork(entry, memoryFlagsFor(limits), {
    serviceName: 'NoRA trainer',
    execArgv: heapFlagsFor(limits),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // Electron's own `kill` asks (SIGTERM), which a trainer answers with a checkpoint. There is no id before there is a process.
  const kill = (): void => {
    if (child.pid === undefined) child.kill();
    else endProcess(child.pid);
  };
  return {
    send: (message) => child.postMessage(message),
    onMessage: (listener) => {
      child.on('message', listener);
    },
    onExit: (listener) => {
      child.once('exit', (code) => setTimeout(() => listener(code, null), lastWordsMilliseconds));
    },
    stderr: child.stderr,
    // A parent port has no end that the parent could close. The trainer has reported its final event: nothing is lost.
    release: kill,
    kill,
  };
};

/** It may be gone already. */
const endProcess = (id: number): void => {
  try {
    process.kill(id, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};
