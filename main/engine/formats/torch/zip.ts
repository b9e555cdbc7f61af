import { crc32 } from 'node:zlib';
import { invalidInput } from '../../errors.ts';

/*
 * A zip archive of stored entries (APPNOTE 6.3: no compression, no encryption, no zip64), as torch.save writes them. Written only.
 */

export interface ZipEntry {
  /** ASCII, with slashes. */
  readonly name: string;
  readonly data: Uint8Array;
}

export interface Zip {
  readonly bytes: Buffer;
  /** Where the data of each entry begins. */
  readonly offsets: readonly number[];
}

/** Data begin at multiples of it, as in PyTorch's files, so that they can be mapped into memory. */
const alignment = 64;
const mostBytes = 2 ** 32 - 1;
/** Of what fills the space before data: "FB", as PyTorch calls it. */
const paddingField = 0x4246;
const [localBytes, centralBytes, endBytes, fieldBytes] = [30, 46, 22, 4];
/** The first of January 1980, the earliest that there is: the same content gives the same bytes. */
const [time, date] = [0, 0x0021];

const paddingBefore = (offset: number): number => {
  const space = (alignment - ((offset + fieldBytes) % alignment)) % alignment;
  return fieldBytes + space;
};

/** @throws invalid-input where the archive would need more than 4 GB */
export const zipOf = (entries: readonly ZipEntry[]): Zip => {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  for (const { name, data } of entries) {
    const nameBytes = Buffer.from(name, 'ascii');
    const extra = Buffer.alloc(paddingBefore(at + localBytes + nameBytes.length), 'Z');
    extra.writeUInt16LE(paddingField, 0);
    extra.writeUInt16LE(extra.length - fieldBytes, 2);
    const sum = crc32(data);
    const common = (block: Buffer, from: number): void => {
      block.writeUInt16LE(time, from);
      block.writeUInt16LE(date, from + 2);
      block.writeUInt32LE(sum, from + 4);
      block.writeUInt32LE(data.length, from + 8);
      block.writeUInt32LE(data.length, from + 12);
      block.writeUInt16LE(nameBytes.length, from + 16);
    };
    const local = Buffer.alloc(localBytes);
    local.writeUInt32LE(0x04034b50, 0);
    common(local, 10);
    local.writeUInt16LE(extra.length, 28);
    const listed = Buffer.alloc(centralBytes);
    listed.writeUInt32LE(0x02014b50, 0);
    common(listed, 12);
    listed.writeUInt32LE(at, 42);
    central.push(listed, nameBytes);
    const start = at + localBytes + nameBytes.length + extra.length;
    offsets.push(start);
    parts.push(local, nameBytes, extra, Buffer.from(data.buffer, data.byteOffset, data.length));
    at = start + data.length;
    if (at > mostBytes)
      throw invalidInput('a zip archive without extensions holds 4 GB; this one would be larger');
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(endBytes);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return { bytes: Buffer.concat([...parts, directory, end]), offsets };
};
