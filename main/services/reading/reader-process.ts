import { WorkbenchError } from '../../engine/errors.ts';
import type { ReadAnswer, ReadQuestion } from '../../trainer/protocol/read-schema.ts';
import { endedBeforeItBegan } from '../../trainer/process/end-signals.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import { excessOf } from '../trainer-jobs/job-limits.ts';
import { describeDeath } from '../trainer-jobs/trainer-job.ts';
import { subjectOf } from './subject.ts';
import { setAwakeTimeout, type AwakeTimeout } from '../shared/awake.ts';

export interface ReadLimits {
  /** Of JavaScript's heap: objects and texts. */
  readonly heapMegabytes: number;
  /** Of the process, all in all. */
  readonly memoryMegabytes: number;
  /** How long nothing may come of it: neither an answer nor bytes read. */
  readonly silentSeconds: number;
}

export interface ReadOptions {
  /** Stops the reading. */
  readonly signal?: AbortSignal | undefined;
  /** Bytes read, of how many. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Why nothing came of a question: its process was asked to end before it had begun. */
export class NotBegun extends WorkbenchError {
  constructor(signal: string) {
    super('conflict', `the process that reads files was asked to end (${signal}); try again`);
  }
}

/** A process that reads files, one question after the other. */
export interface ReaderProcess {
  ask<Question extends ReadQuestion>(
    question: Question,
    options: ReadOptions,
  ): Promise<ReadAnswer<Question['kind']>>;
  /** Ends it; who waits for an answer is told why, in words that follow the file's name. */
  end(why: string): void;
  readonly isGone: () => boolean;
  /** Bytes that it held after its last answer. */
  readonly held: () => number;
}

interface Asked {
  readonly question: ReadQuestion;
  readonly resolve: (answer: ReadAnswer) => void;
  readonly reject: (error: WorkbenchError) => void;
  readonly onProgress: NonNullable<ReadOptions['onProgress']>;
}

export const startReaderProcess = (spawn: SpawnTrainer, limits: ReadLimits): ReaderProcess => {
  const process = spawn(limits);
  let asked: Asked | undefined;
  let gone = false;
  let held = Infinity;
  let silence: AwakeTimeout | undefined;

  const kill = (): void => {
    gone = true;
    process.kill();
  };
  const fail = (code: WorkbenchError['code'], text: string): void => {
    if (asked === undefined) return;
    asked.reject(new WorkbenchError(code, `${subjectOf(asked.question)}: ${text}`));
  };
  const expectNews = (): void => {
    silence?.clear();
    silence = setAwakeTimeout(() => {
      kill();
      fail(
        'unsupported',
        `reading it came no further for ${limits.silentSeconds} s and was ended; see whether it is what it should be`,
      );
    }, limits.silentSeconds * 1000);
  };

  process.onEvent((event) => {
    if (asked === undefined) return;
    expectNews();
    if ('memory' in event) held = event.memory;
    if (event.type === 'reading') asked.onProgress(event.done, event.total);
    if (event.type === 'read') asked.resolve(event.answer);
    if (event.type === 'unread' || event.type === 'failed')
      asked.reject(new WorkbenchError(event.code, event.message));
  });
  process.onExit((exit) => {
    gone = true;
    if (endedBeforeItBegan(exit.signal)) return asked?.reject(new NotBegun(exit.signal));
    const excess = excessOf(exit.stderrTail, limits);
    if (excess !== null)
      fail(
        'unsupported',
        `reading it took more than ${excess} and was ended; see whether it is what it should be, or divide it`,
      );
    else fail('internal', `${describeDeath(exit)}; it was being read`);
  });

  const end = (why: string): void => {
    kill();
    fail('conflict', why);
  };

  const ask: ReaderProcess['ask'] = async (question, { signal, onProgress = () => undefined }) => {
    const { promise, resolve, reject } = Promise.withResolvers<ReadAnswer>();
    const stop = (): void => end('reading it was stopped');
    asked = { question, resolve, reject, onProgress };
    signal?.addEventListener('abort', stop, { once: true });
    process.send({ type: 'read', question });
    expectNews();
    try {
      return (await promise) as ReadAnswer<(typeof question)['kind']>;
    } finally {
      asked = undefined;
      silence?.clear();
      signal?.removeEventListener('abort', stop);
    }
  };

  return { ask, end, isGone: () => gone, held: () => held };
};
