import {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { createTurns } from '../../engine/turns.ts';
import { fileError } from '../../engine/formats/file-errors.ts';
import { runEventSchema, type RunEvent } from '../protocol/protocol.ts';

/*
 * What a run measures and notices, a line each in its own folder: a trainer whose workbench died goes on to its next checkpoint, and the
 * workbench that comes after finds here what nobody was there to hear. A line is the CRC-32 of its JSON, and the JSON.
 */

const kept = ['planned', 'metrics', 'samples', 'pictures', 'notice'] as const;

/** An event that the store keeps. */
export type KeptEvent = Extract<RunEvent, { type: (typeof kept)[number] }>;

const isKept = (event: RunEvent): event is KeptEvent => (kept as readonly string[]).includes(event.type);

export const eventLogFile = (runDirectory: string): string => join(runDirectory, 'events.log');

export interface EventLog {
  /** @throws WorkbenchError where the disk takes no more */
  readonly append: (event: RunEvent) => void;
  /** Has all of it on the disk. @returns its bytes */
  readonly sync: () => number;
  readonly close: () => void;
}

/** Of a run that goes on, what is there stays, but for a line that was cut off. */
export const openEventLog = (runDirectory: string, { goesOn }: { readonly goesOn: boolean }): EventLog => {
  const path = eventLogFile(runDirectory);
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw fileError(error, 'write', path);
    }
  };
  const file = guarded(() => openSync(path, goesOn ? 'a+' : 'w+'));
  if (goesOn) guarded(() => ftruncateSync(file, endOfLines(file)));
  return {
    append: (event) => {
      if (isKept(event)) guarded(() => void writeSync(file, lineOf(event)));
    },
    sync: () =>
      guarded(() => {
        fsyncSync(file);
        return fstatSync(file).size;
      }),
    close: () => closeSync(file),
  };
};

const lineOf = (event: KeptEvent): string => {
  const json = JSON.stringify(event);
  return `${sumOf(json)} ${json}\n`;
};

const sumOf = (json: string): string => crc32(json).toString(16).padStart(8, '0');

const newline = 0x0a;
const pieceBytes = 2 ** 20;

/** Bytes up to the end of the last line that is whole. */
const endOfLines = (file: number): number => {
  const piece = Buffer.alloc(pieceBytes);
  for (let end = fstatSync(file).size; end > 0; end -= pieceBytes) {
    const from = Math.max(0, end - pieceBytes);
    const read = readSync(file, piece, 0, end - from, from);
    const last = piece.subarray(0, read).lastIndexOf(newline);
    if (last !== -1) return from + last + 1;
  }
  return 0;
};

export interface ReadEvents {
  readonly events: readonly KeptEvent[];
  /** Bytes that have been read by now, for the next time. */
  readonly end: number;
}

/**
 * What a run has told since, in its order. A line that is not as it was written says nothing; one that is being written is left for later.
 * @param from bytes that are known already
 */
export const readEvents = (runDirectory: string, from: number): ReadEvents => {
  const path = eventLogFile(runDirectory);
  if (!existsSync(path)) return { events: [], end: 0 };
  const file = openSync(path, 'r');
  try {
    const end = endOfLines(file);
    // Shorter than what was known: the system lost its last bytes, and what came then is read, known or not.
    const begin = from > end ? 0 : from;
    const bytes = Buffer.alloc(end - begin);
    readSync(file, bytes, 0, bytes.length, begin);
    return { events: bytes.toString('utf8').split('\n').flatMap(eventOf), end };
  } finally {
    closeSync(file);
  }
};

/**
 * All that a run has told, in its order, a piece of the file at a time, letting the event loop turn. Null stands for a line that is not as it was
 * written; one that was cut off at the end is none.
 * @throws the system's error
 */
export async function* eventsInTurns(runDirectory: string): AsyncGenerator<KeptEvent | null> {
  const turn = createTurns();
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of createReadStream(eventLogFile(runDirectory), { highWaterMark: pieceBytes })) {
    const bytes: Buffer = Buffer.concat([rest, piece as Buffer]);
    const end = bytes.lastIndexOf(newline) + 1;
    rest = bytes.subarray(end);
    if (end === 0) continue;
    for (const line of bytes.toString('utf8', 0, end - 1).split('\n')) {
      await turn();
      if (jsonOf(line) === undefined) yield null;
      else yield* eventOf(line);
    }
  }
}

/** Undefined where it is not as it was written. */
const jsonOf = (line: string): string | undefined => {
  const json = line.slice(9);
  return json !== '' && line.slice(0, 8) === sumOf(json) ? json : undefined;
};

/** None where the line says what this release does not keep, or nothing that can be kept (a loss that is no number). */
const eventOf = (line: string): KeptEvent[] => {
  const json = jsonOf(line);
  if (json === undefined) return [];
  const { data } = runEventSchema.safeParse(JSON.parse(json));
  return data !== undefined && isKept(data) ? [data] : [];
};
