import { closeSync, fstatSync, readSync } from 'node:fs';
import { invalidInput } from '../errors.ts';
import { createTurns } from '../turns.ts';
import { fileError } from './file-errors.ts';
import { openRegularFile } from './regular-file.ts';

/*
 * POSIX.1-2001 tar (ustar with pax headers where a name or a size needs one): regular files only. Written so that any tar reads it, and read by
 * place, without taking in what is not asked for.
 */

const blockBytes = 512;
/** What eleven octal digits hold. */
const largestPlainSize = 8 ** 11 - 1;
const longestPlainName = 100;
/** Of a pax header, which holds a name and a size. */
const mostHeaderBytes = 65_536;

export interface TarEntry {
  readonly name: string;
  readonly bytes: number;
  /** Where its content begins. */
  readonly offset: number;
}

const paddingOf = (bytes: number): number => (blockBytes - (bytes % blockBytes)) % blockBytes;

const isPlain = (name: string): boolean =>
  Buffer.byteLength(name) <= longestPlainName && /^[\x20-\x7e]*$/.test(name);

const header = (name: string, bytes: number, type: '0' | 'x', seconds: number): Buffer => {
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, at: number, length: number): void => {
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  };
  block.write(name, 0, longestPlainName, 'latin1');
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(bytes, 124, 12);
  octal(seconds, 136, 12);
  block.write(' '.repeat(8), 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  octal(0, 329, 8);
  octal(0, 337, 8);
  block.write(`${sumOf(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
};

/** Over the header, its own place taken as spaces. */
const sumOf = (block: Buffer): number => {
  let sum = 0;
  for (let at = 0; at < blockBytes; at++) sum += at >= 148 && at < 156 ? 32 : block[at]!;
  return sum;
};

/** `27 path=...`: the number counts itself. */
const paxRecord = (key: string, value: string): string => {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + 1;
  while (bytes + String(length).length !== length) length = bytes + String(length).length;
  return `${length}${rest}`;
};

/**
 * What stands before a file's content; after it come `tarPadding` bytes of zero.
 * @param name with `/` between folders
 * @param seconds since 1970, told as the time of its last change
 */
export const tarHeader = (name: string, bytes: number, seconds: number): Buffer => {
  const records = [
    ...(isPlain(name) ? [] : [paxRecord('path', name)]),
    ...(bytes <= largestPlainSize ? [] : [paxRecord('size', String(bytes))]),
  ];
  const plainName = isPlain(name) ? name : `entry-${Buffer.from(name).toString('hex').slice(-80)}`;
  const own = header(plainName, Math.min(bytes, largestPlainSize), '0', seconds);
  if (records.length === 0) return own;
  const pax = Buffer.from(records.join(''), 'utf8');
  return Buffer.concat([
    header('pax-header', pax.length, 'x', seconds),
    pax,
    Buffer.alloc(paddingOf(pax.length)),
    own,
  ]);
};

export const tarPadding = (bytes: number): Buffer => Buffer.alloc(paddingOf(bytes));

/** Two blocks of zero. */
export const tarEnd = (): Buffer => Buffer.alloc(2 * blockBytes);

/**
 * The entries of an archive in its order, up to the first that `isEnough`. Reads headers only, and lets the event loop turn.
 * @throws WorkbenchError `invalid-input` for what is no such archive, is cut off, or holds anything but regular files
 */
export const readTarEntries = async (
  path: string,
  isEnough: (entry: TarEntry) => boolean = () => false,
): Promise<TarEntry[]> => {
  const file = openRegularFile(path);
  try {
    return await entriesIn(file, path, isEnough);
  } catch (error) {
    throw fileError(error, 'read', path);
  } finally {
    closeSync(file);
  }
};

const entriesIn = async (
  file: number,
  path: string,
  isEnough: (entry: TarEntry) => boolean,
): Promise<TarEntry[]> => {
  const turn = createTurns();
  const total = fstatSync(file).size;
  const bytesAt = (offset: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    if (offset + length > total || readSync(file, bytes, 0, length, offset) < length)
      throw invalidInput(`${path}: is cut off after ${total} bytes`);
    return bytes;
  };
  const entries: TarEntry[] = [];
  let pax = new Map<string, string>();
  for (let at = 0; ;) {
    await turn();
    const block = bytesAt(at, blockBytes);
    if (block.every((byte) => byte === 0)) return entries;
    const { name, bytes, type } = readHeader(block, path);
    const offset = at + blockBytes;
    if (type === 'x') {
      if (bytes > mostHeaderBytes) throw invalidInput(`${path}: a header of ${bytes} bytes is too long`);
      pax = readPax(bytesAt(offset, bytes), path);
      at = offset + bytes + paddingOf(bytes);
      continue;
    }
    if (type !== '0' && type !== '\0')
      throw invalidInput(
        `${path}: "${name}" is not a regular file (type "${type}"), and a backup has no other`,
      );
    const size = pax.has('size') ? Number(pax.get('size')) : bytes;
    if (!Number.isSafeInteger(size) || size < 0 || offset + size > total)
      throw invalidInput(`${path}: is cut off within "${pax.get('path') ?? name}"`);
    const entry = { name: pax.get('path') ?? name, bytes: size, offset };
    entries.push(entry);
    if (isEnough(entry)) return entries;
    pax = new Map();
    at = offset + size + paddingOf(size);
  }
};

const readHeader = (block: Buffer, path: string) => {
  const text = (at: number, length: number): string =>
    block.toString('latin1', at, at + length).split('\0', 1)[0]!;
  const octal = (at: number, length: number): number => {
    const digits = text(at, length).trim();
    return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : NaN;
  };
  const isTar = text(257, 5) === 'ustar' && octal(148, 8) === sumOf(block);
  const bytes = octal(124, 12);
  if (!isTar || Number.isNaN(bytes))
    throw invalidInput(`${path}: is no backup, or is damaged (not a tar header)`);
  return { name: text(0, longestPlainName), bytes, type: block.toString('latin1', 156, 157) };
};

const readPax = (bytes: Buffer, path: string): Map<string, string> => {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const [digits = ''] = /^\d+(?= )/.exec(bytes.toString('latin1', at, at + 20)) ?? [];
    const length = Number(digits);
    const record = bytes.toString('utf8', at + digits.length + 1, at + length - 1);
    const [key, ...value] = record.split('=');
    if (digits === '' || length < 5 || at + length > bytes.length || value.length === 0)
      throw invalidInput(`${path}: is damaged (not a pax header)`);
    records.set(key!, value.join('='));
    at += length;
  }
  return records;
};
