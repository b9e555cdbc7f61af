import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/**
 * Whether a library of Linux's lacks its end, as after a copy that broke off. Linux maps such a file all the same, and ends the whole process at the
 * first touch of what is missing (SIGBUS), where nothing can be caught. Other systems refuse it themselves, and so does Linux without a whole header.
 * @throws Error where the file cannot be read
 */
export const isCutOff = (path: string): boolean => {
  const file = openSync(path, 'r');
  try {
    const header = bytesAt(file, 0, headerBytes);
    if (header.length < headerBytes || !header.subarray(0, 6).equals(elf64)) return false;
    const each = header.readUInt16LE(54);
    const segments = bytesAt(file, Number(header.readBigUInt64LE(32)), each * header.readUInt16LE(56));
    const { size } = fstatSync(file);
    return Array.from({ length: Math.floor(segments.length / each) }, (_, at) => at * each).some(
      (at) =>
        segments.readUInt32LE(at) === loaded &&
        segments.readBigUInt64LE(at + 8) + segments.readBigUInt64LE(at + 32) > size,
    );
  } finally {
    closeSync(file);
  }
};

const headerBytes = 64;

/** How files of ELF begin: of 64 bits, the lowest byte first. */
const elf64 = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);

/** The kind of a segment that is mapped. */
const loaded = 1;

/** As many bytes as there are, up to the length. */
const bytesAt = (file: number, position: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
};
