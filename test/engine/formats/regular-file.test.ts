import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileSource } from '../../../main/engine/data/records/byte-source.ts';
import { sha256OfFile, sha256OfFileSync } from '../../../main/engine/formats/file-hash.ts';
import { readText } from '../../../main/engine/formats/json-text.ts';
import { mostBytesAtOnce, readRegularFile } from '../../../main/engine/formats/regular-file.ts';
import { readSafetensorsHeader } from '../../../main/engine/formats/safetensors.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const root = temporaryDirectory();
const at = (name: string): string => join(root, name);

mkdirSync(at('folder.jsonl'));
const isUnix = process.platform !== 'win32';
if (isUnix) {
  spawnSync('mkfifo', [at('pipe.jsonl')]);
  symlinkSync('/dev/zero', at('zero.jsonl'));
}

/** A pipe that nobody writes to would hold up a plain opening for ever, and /dev/zero has no end. */
const strange: readonly (readonly [string, string])[] = [
  ['folder.jsonl', 'is a folder, not a file'],
  ...(isUnix
    ? ([
        ['pipe.jsonl', 'is a named pipe, not a file'],
        ['zero.jsonl', 'is a device, not a file'],
      ] as const)
    : []),
];

describe.each(strange)('%s', (name, told) => {
  const message = `${at(name)}: ${told}`;

  test.each([
    ['a text', readText],
    ['weights', readSafetensorsHeader],
    ['a hash', sha256OfFileSync],
    ['data', fileSource],
  ])('is not read as %s', (_, read) => expect(() => read(at(name))).toThrow(message));

  test('is not hashed', () => expect(sha256OfFile(at(name))).rejects.toThrow(message));
});

test('a file of more than is read whole is refused before a byte of it is', () => {
  writeFileSync(at('large.json'), '');
  truncateSync(at('large.json'), mostBytesAtOnce + 1);
  expect(() => readText(at('large.json'))).toThrow(
    `${at('large.json')}: has 257 MiB; a file of this kind may have 256 MiB`,
  );
  expect(() => readRegularFile(at('large.json'), 2 ** 20)).toThrow('may have 1 MiB');
});

test('a link that a person named is followed', () => {
  writeFileSync(at('real.txt'), 'here');
  symlinkSync('real.txt', at('link.txt'));
  expect(readText(at('link.txt'))).toBe('here');
});
