import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { isCutOff } from '../../../main/engine/linear-algebra/cut-off-library.ts';

const folder = mkdtempSync(join(tmpdir(), 'nora-library-'));
afterAll(() => rmSync(folder, { recursive: true }));

const written = (name: string, bytes: Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

/** A library of two segments, of which the first is of another kind than those that are mapped, and reaches beyond any file. */
const library = (): Buffer => {
  const bytes = Buffer.alloc(400);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(2, 56);
  for (const [at, kind, offset, length] of [
    [64, 0x6474e551, 0n, 4096n],
    [120, 1, 200n, 100n],
  ] as const) {
    bytes.writeUInt32LE(kind, at);
    bytes.writeBigUInt64LE(offset, at + 8);
    bytes.writeBigUInt64LE(length, at + 32);
  }
  return bytes;
};

it('is seen by the segments that are mapped, not by what comes after them', () => {
  expect(isCutOff(written('whole', library()))).toBe(false);
  expect(isCutOff(written('without sections', library().subarray(0, 300)))).toBe(false);
  expect(isCutOff(written('cut', library().subarray(0, 299)))).toBe(true);
});

it('leaves what is no such library, or has no whole header, to the system', () => {
  expect(isCutOff(written('empty', Buffer.alloc(0)))).toBe(false);
  expect(isCutOff(written('header', library().subarray(0, 63)))).toBe(false);
  expect(isCutOff(written('of another system', Buffer.from('MZ'.padEnd(100))))).toBe(false);
});
