import { WorkbenchError } from '../../errors.ts';
import { foreignFile } from '../../formats/foreign-file.ts';
import type { ByteSource } from './byte-source.ts';

const utf16 = 'is text in UTF-16; save it in UTF-8';

/** How files begin that are taken for data and hold no UTF-8 text. The longer beginning stands before the shorter. */
const beginnings: readonly [bytes: readonly number[], problem: string][] = [
  [[0xff, 0xfe, 0x00, 0x00], 'is text in UTF-32; save it in UTF-8'],
  [[0x00, 0x00, 0xfe, 0xff], 'is text in UTF-32; save it in UTF-8'],
  [[0xff, 0xfe], utf16],
  [[0xfe, 0xff], utf16],
  [[0x50, 0x4b, 0x03, 0x04], 'is a ZIP archive or an Excel workbook; unpack it, or save it as CSV in UTF-8'],
  [[0x50, 0x41, 0x52, 0x31], 'is a Parquet file; write it as JSON lines first'],
  [
    [...Buffer.from('SQLite format 3')],
    'is an SQLite database; write a table of it as JSON lines or CSV first',
  ],
  [[0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], 'is an Arrow file; write it as JSON lines first'],
];

const looked = 1024;

/** @throws WorkbenchError naming what a file is that is no UTF-8 text */
export const refuseForeignBytes = (source: ByteSource, name: string): void => {
  const start = source.read(0, looked);
  const known = beginnings.find(([bytes]) => bytes.every((byte, index) => start[index] === byte))?.[1];
  const problem = known ?? packedProblem(start) ?? (start.includes(0) ? zeroProblem(start) : undefined);
  if (problem !== undefined) throw new WorkbenchError('unsupported', `${name}: ${problem}`);
};

/** Nothing is unpacked here: some bytes can be made to become a disk full. */
const packedProblem = (start: Uint8Array): string | undefined => {
  const found = foreignFile(start);
  if (found === null) return undefined;
  return found.kind === 'pickle'
    ? `is ${found.name}, which can run programs when it is read; write it as JSON lines first`
    : `is ${found.name}; unpack it first`;
};

/** Text in UTF-16 has a zero in every other byte, as long as it is Latin. */
const zeroProblem = (start: Uint8Array): string =>
  start.filter((byte) => byte === 0).length > start.length / 4 ? utf16 : 'holds zero bytes, so it is no text';
