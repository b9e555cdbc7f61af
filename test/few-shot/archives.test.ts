import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { tarEnd, tarHeader, tarPadding } from '../../main/engine/formats/tar.ts';
import { filesOfTarball, filesOfWheel } from './packages/archives.ts';

const contents = { 'package/one.txt': 'one', 'package/img/two.txt': 'two '.repeat(500) };

it('reads the files of a tarball', async () => {
  const tar = Buffer.concat([
    ...Object.entries(contents).flatMap(([name, text]) => [
      tarHeader(name, text.length, 0),
      Buffer.from(text),
      tarPadding(text.length),
    ]),
    tarEnd(),
  ]);
  const files = await filesOfTarball(gzipSync(tar));
  expect(Object.fromEntries(files.map(({ name, content }) => [name, content().toString()]))).toEqual(
    contents,
  );
});

/** With an extra field before each content that the list does not have, as zips may. */
const zipOf = (packed: (text: string) => Buffer, method: number): Buffer => {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(contents)) {
    const content = packed(text);
    const extra = Buffer.alloc(7);
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc32(text), 0);
    sizes.writeUInt32LE(content.length, 4);
    sizes.writeUInt32LE(text.length, 8);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    sizes.copy(local, 14);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(extra.length, 28);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    sizes.copy(entry, 16);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    const whole = Buffer.concat([local, Buffer.from(name), extra, content]);
    locals.push(whole);
    central.push(entry, Buffer.from(name));
    offset += whole.length;
  }
  const list = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(contents).length, 8);
  end.writeUInt16LE(Object.keys(contents).length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, list, end]);
};

it.each([
  ['stored', 0, (text: string) => Buffer.from(text)],
  ['packed', 8, (text: string) => deflateRawSync(text)],
])('reads the files of a wheel, %s', (_, method, packed) => {
  const files = filesOfWheel(zipOf(packed, method));
  expect(Object.fromEntries(files.map(({ name, content }) => [name, content().toString()]))).toEqual(
    contents,
  );
});

it('refuses what is no zip, and a way of packing that wheels do not have', () => {
  expect(() => filesOfWheel(Buffer.from('a text that is longer than the end of a zip'))).toThrow('not a zip');
  expect(() => filesOfWheel(zipOf((text) => Buffer.from(text), 12))).toThrow('package/one.txt');
});
