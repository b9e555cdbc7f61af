import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { readTarEntries } from '../../../main/engine/formats/tar.ts';

export interface ArchivedFile {
  /** With `/` between folders. */
  readonly name: string;
  readonly content: () => Buffer;
}

/** The files of an npm package: a gzipped tar. */
export const filesOfTarball = async (bytes: Uint8Array): Promise<ArchivedFile[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'nora-tarball-'));
  try {
    const path = join(folder, 'package.tar');
    const whole = gunzipSync(bytes);
    writeFileSync(path, whole);
    return (await readTarEntries(path)).map(({ name, offset, bytes: length }) => ({
      name,
      content: () => whole.subarray(offset, offset + length),
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const [endMark, entryMark, fileMark] = [0x06054b50, 0x02014b50, 0x04034b50];
const endBytes = 22;
const methods: Readonly<Record<number, (bytes: Buffer) => Buffer>> = {
  0: (bytes) => bytes,
  8: (bytes) => inflateRawSync(bytes),
};

/**
 * The files of a Python wheel: a zip, read by the list at its end. Neither encrypted nor larger than 4 GB nor with a comment, as wheels are.
 * @throws Error for any other zip
 */
export const filesOfWheel = (zip: Buffer): ArchivedFile[] => {
  const end = zip.length - endBytes;
  if (end < 0 || zip.readUInt32LE(end) !== endMark) throw new Error('not a zip without a comment');
  const count = zip.readUInt16LE(end + 10);
  const files: ArchivedFile[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let entry = 0; entry < count; entry++) {
    if (zip.readUInt32LE(at) !== entryMark) throw new Error(`entry ${entry} of the zip is none`);
    const unpack = methods[zip.readUInt16LE(at + 10)];
    const packed = zip.readUInt32LE(at + 20);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) =>
      zip.readUInt16LE(at + place),
    );
    const header = zip.readUInt32LE(at + 42);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength!);
    if (unpack === undefined || zip.readUInt32LE(header) !== fileMark)
      throw new Error(`${name}: packed in a way that wheels are not`);
    const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
    files.push({ name, content: () => unpack(zip.subarray(start, start + packed)) });
    at += 46 + nameLength! + extraLength! + commentLength!;
  }
  return files;
};
