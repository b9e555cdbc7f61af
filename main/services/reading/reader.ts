import { WorkbenchError } from '../../engine/errors.ts';
import type { ReadAnswer, ReadKind, ReadQuestion } from '../../trainer/protocol/read-schema.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import {
  NotBegun,
  startReaderProcess,
  type ReaderProcess,
  type ReadLimits,
  type ReadOptions,
} from './reader-process.ts';
import { createSlots } from './slots.ts';
import { subjectOf } from './subject.ts';

/**
 * Asks something of files that a person gave. They are read in a process of their own: what they do to it, they don't do to this one.
 * @throws WorkbenchError naming the file, line or field; `unsupported` where reading takes too much memory or comes no further
 */
export type ReadFiles = <Question extends ReadQuestion>(
  question: Question,
  options?: ReadOptions,
) => Promise<ReadAnswer<Question['kind']>>;

export interface Reader {
  readonly read: ReadFiles;
  /** Ends what is being read, with an error to whoever waits for it. */
  close(): void;
}

interface ReaderSettings extends ReadLimits {
  /** How long a process is kept that has nothing to read. */
  readonly idleSeconds: number;
}

const usual: ReaderSettings = {
  heapMegabytes: 1536,
  memoryMegabytes: 2560,
  silentSeconds: 60,
  idleSeconds: 120,
};

/** What goes through whole files, however large: it must not stand in the way of what a person waits for while typing. */
const isLong: Readonly<Record<ReadKind, boolean>> = {
  dataset: true,
  model: true,
  hashes: true,
  'pictures-hash': true,
  'shared-pictures': true,
  buckets: true,
  inspection: false,
  preview: false,
  'chat-templates': false,
  layers: false,
  fit: false,
  'model-files': false,
  'class-counts': false,
  pictures: false,
  thumbnails: false,
  'framed-pictures': false,
  'class-prompts': false,
  'picture-view': false,
  // As many pictures as an arm drew are hashed.
  drawn: true,
  'drawn-pictures': false,
};
/** In bytes: what may stay in memory for what is read next. */
const mostHeldIdle = 4e8;
const closing = 'the workbench is being closed';
const longAtATime = 2;
const shortAtATime = 4;

/**
 * Reads files in processes that are started when they are needed. One that holds little afterwards stays for what comes next, so that a
 * preview need not wait for a process to start.
 */
export const createReader = (spawn: SpawnTrainer, settings: Partial<ReaderSettings> = {}): Reader => {
  const limits = { ...usual, ...settings };
  const slots = { long: createSlots(longAtATime), short: createSlots(shortAtATime) };
  const busy = new Set<ReaderProcess>();
  let warm: ReaderProcess | undefined;
  let cooling: NodeJS.Timeout | undefined;
  let closed = false;

  const letGo = (): void => {
    clearTimeout(cooling);
    warm?.end(closing);
    warm = undefined;
  };
  const take = (): ReaderProcess => {
    clearTimeout(cooling);
    const reader = warm === undefined || warm.isGone() ? startReaderProcess(spawn, limits) : warm;
    warm = undefined;
    busy.add(reader);
    return reader;
  };
  const giveBack = (reader: ReaderProcess): void => {
    busy.delete(reader);
    if (reader.isGone()) return;
    if (reader.held() > mostHeldIdle || closed || warm !== undefined) return reader.end(closing);
    warm = reader;
    cooling = setTimeout(letGo, limits.idleSeconds * 1000);
    cooling.unref();
  };
  const assertGoesOn = (question: ReadQuestion, { signal }: ReadOptions): void => {
    if (closed) throw new WorkbenchError('conflict', `${subjectOf(question)}: ${closing}`);
    if (signal?.aborted)
      throw new WorkbenchError('conflict', `${subjectOf(question)}: reading it was stopped`);
  };

  const askOne: ReadFiles = async (question, options = {}) => {
    const reader = take();
    try {
      return await reader.ask(question, options);
    } finally {
      giveBack(reader);
    }
  };

  const read: ReadFiles = (question, options = {}) => {
    return slots[isLong[question.kind] ? 'long' : 'short'](async () => {
      assertGoesOn(question, options);
      try {
        return await askOne(question, options);
      } catch (error) {
        if (!(error instanceof NotBegun)) throw error;
        assertGoesOn(question, options);
        return await askOne(question, options);
      }
    });
  };

  const close = (): void => {
    closed = true;
    letGo();
    for (const reader of busy) reader.end(closing);
  };
  return { read, close };
};
