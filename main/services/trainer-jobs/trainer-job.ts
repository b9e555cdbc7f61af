import { explainError, memoryRanOut, saysOutOfMemory } from '../../engine/formats/explain-error.ts';
import { isFinalEvent } from '../../trainer/protocol/final-events.ts';
import type { FinalEvent } from '../../trainer/protocol/final-events.ts';
import type { TrainerCommand, TrainerEvent } from '../../trainer/protocol/protocol.ts';
import { endedBeforeItBegan } from '../../trainer/process/end-signals.ts';
import type { SpawnTrainer, TrainerExit } from '../../trainer/process/trainer-process.ts';
import { setAwakeTimeout, type AwakeTimeout } from '../shared/awake.ts';

export type TrainerNews = Exclude<TrainerEvent, FinalEvent>;
/** A trainer process that ended without a word. */
export interface Died {
  readonly type: 'died';
  readonly message: string;
  /** The signal that asked it to end before it had done anything of its job. */
  readonly askedBy?: string;
  /** The last few kilobytes that it wrote on stderr. */
  readonly lastWords?: string;
}
/** A trainer's final event, or that it died without one. */
export type JobEnd = FinalEvent | Died;

export interface JobHandlers {
  readonly onNews: (news: TrainerNews) => void;
  /** Called once. */
  readonly onEnd: (end: JobEnd) => void;
}

export interface TrainerJob {
  send(command: TrainerCommand): void;
  kill(): void;
  /** Expects nothing more of it: it is ended where it does not exit by itself soon. */
  letGo(): void;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
}

/** How long a trainer may take to exit after its final event. */
const farewellMilliseconds = 5000;

/**
 * Starts a trainer process on one job. A handler that throws on news (a full disk) ends the job as failed with that error.
 */
export const startTrainerJob = (
  spawn: SpawnTrainer,
  command: TrainerCommand,
  handlers: JobHandlers,
): TrainerJob => {
  const trainer = spawn();
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  let ended = false;
  let farewell: AwakeTimeout | undefined;

  const end = (how: JobEnd): void => {
    if (ended) return;
    ended = true;
    letGo();
    handlers.onEnd(how);
  };
  const letGo = (): void => {
    farewell ??= setAwakeTimeout(() => trainer.kill(), farewellMilliseconds, { keepsAlive: false });
  };

  trainer.onEvent((event) => {
    if (ended) return;
    if (isFinalEvent(event)) return end(event);
    try {
      handlers.onNews(event);
    } catch (error) {
      trainer.kill();
      end(failureOf(error));
    }
  });
  trainer.onExit((exit) => {
    end({
      type: 'died',
      message: describeDeath(exit),
      lastWords: exit.stderrTail,
      ...(endedBeforeItBegan(exit.signal) && { askedBy: exit.signal }),
    });
    farewell?.clear();
    resolve();
  });
  trainer.send(command);
  return { send: (next) => trainer.send(next), kill: () => trainer.kill(), letGo, gone };
};

export const failureOf = (error: unknown): Extract<FinalEvent, { type: 'failed' }> => {
  const { code, message } = explainError(error);
  return { type: 'failed', code, message };
};

/** One line with what is known: exit code or signal, and the last line on stderr that says something. */
export const describeDeath = ({ code, signal, stderrTail }: TrainerExit): string => {
  const how =
    signal === 'SIGKILL'
      ? 'killed, as the system does when memory runs out'
      : signal !== null
        ? `signal ${signal}`
        : `exit code ${code ?? 'unknown'}`;
  const lastLine = stderrTail
    .split('\n')
    .map((line) => line.trim())
    .findLast(
      (line) => line !== '' && line !== '}' && !line.startsWith('at ') && !line.startsWith('Node.js v'),
    );
  const told = saysOutOfMemory(stderrTail) ? memoryRanOut : lastLine;
  return `the trainer process ended unexpectedly (${how})${told === undefined ? '' : `: ${told}`}`;
};
