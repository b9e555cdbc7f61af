import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readTarEntries, tarEnd, tarHeader, tarPadding } from '../../../main/engine/formats/tar.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nora-tar-'));
  file = join(directory, 'archive.tar');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const contents: readonly (readonly [string, string])[] = [
  ['manifest.json', '{}'],
  ['runs/a/empty', ''],
  ['runs/a/block', 'x'.repeat(512)],
  [`exports/${'a long name '.repeat(20)}/file`, 'long'],
  ['exports/Übergröße – 訓練/file', 'named'],
];
const write = (): void => {
  const parts = contents.flatMap(([name, text]) => [
    tarHeader(name, Buffer.byteLength(text), 1_700_000_000),
    Buffer.from(text),
    tarPadding(Buffer.byteLength(text)),
  ]);
  writeFileSync(file, Buffer.concat([...parts, tarEnd()]));
};

test('what is written is read again, name by name', async () => {
  write();
  const bytes = readFileSync(file);
  const read = (await readTarEntries(file)).map(({ name, bytes: size, offset }) => [
    name,
    bytes.toString('utf8', offset, offset + size),
  ]);
  expect(read).toEqual(contents);
  expect(await readTarEntries(file, ({ name }) => name === 'manifest.json')).toHaveLength(1);
});

test.skipIf(spawnSync('tar', ['--version']).status !== 0)('any tar unpacks it', () => {
  write();
  const { status, stderr } = spawnSync('tar', ['-xf', file, '-C', directory], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (const [name, text] of contents) expect(readFileSync(join(directory, name), 'utf8')).toBe(text);
});

test('a file beyond 8 GiB says its size in a header of its own', async () => {
  const bytes = 9 * 2 ** 30;
  const open = openSync(file, 'w');
  const head = tarHeader('runs/a/weights', bytes, 0);
  writeSync(open, head, 0, head.length, 0);
  closeSync(open);
  truncateSync(file, head.length + bytes); // sparse
  const end = openSync(file, 'r+');
  writeSync(end, tarEnd(), 0, 1024, head.length + bytes);
  closeSync(end);
  expect(await readTarEntries(file)).toEqual([{ name: 'runs/a/weights', bytes, offset: head.length }]);
});

test('what is no archive, or not all of one, is refused by name', async () => {
  write();
  const whole = readFileSync(file);
  const after = async (bytes: Buffer): Promise<string> => {
    writeFileSync(file, bytes);
    return readTarEntries(file).then(
      () => 'read',
      (error: unknown) => (error as Error).message.replaceAll(file, 'FILE'),
    );
  };
  expect(await after(Buffer.from('a shopping list'.repeat(100)))).toMatch(
    'FILE: is no backup, or is damaged',
  );
  expect(await after(whole.subarray(0, 700))).toMatch(/^FILE: is cut off/);
  expect(await after(whole.subarray(0, whole.length - 1024))).toMatch(/^FILE: is cut off/);
  expect(await after(Buffer.alloc(0))).toMatch(/^FILE: is cut off after 0 bytes/);
  const flipped = Buffer.from(whole);
  flipped[3]! ^= 1;
  expect(await after(flipped)).toMatch('is no backup, or is damaged');
  const link = Buffer.from(whole);
  link.write('2', 156);
  link.write(
    `${((): number => {
      let sum = 0;
      for (let at = 0; at < 512; at++) sum += at >= 148 && at < 156 ? 32 : link[at]!;
      return sum;
    })()
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  expect(await after(link)).toBe(
    'FILE: "manifest.json" is not a regular file (type "2"), and a backup has no other',
  );
});

test.skipIf(process.platform === 'win32')(
  'a named pipe is refused, and nobody waits for its writer',
  { timeout: 5000 },
  async () => {
    spawnSync('mkfifo', [file]);
    await expect(readTarEntries(file)).rejects.toThrow('is a named pipe, not a file');
  },
);
