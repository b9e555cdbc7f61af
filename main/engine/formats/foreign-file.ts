/** Files that are packed, or hold a program: none of them is unpacked or run here. */
export type ForeignKind = 'archive' | 'compressed' | 'pickle';

export interface ForeignFile {
  readonly kind: ForeignKind;
  /** As in "is ...". */
  readonly name: string;
}

const zip: ForeignFile = { kind: 'archive', name: 'a ZIP archive' };
const tar: ForeignFile = { kind: 'archive', name: 'a tar archive' };
const pickle: ForeignFile = { kind: 'pickle', name: 'a pickle of Python' };
const compressed = (by: string): ForeignFile => ({ kind: 'compressed', name: `compressed (${by})` });

const beginnings: readonly (readonly [at: number, bytes: readonly number[], file: ForeignFile])[] = [
  [0, [0x50, 0x4b, 0x03, 0x04], zip],
  [0, [0x50, 0x4b, 0x05, 0x06], zip],
  [0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], { kind: 'archive', name: 'a 7-Zip archive' }],
  [0, [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07], { kind: 'archive', name: 'a RAR archive' }],
  [257, [0x75, 0x73, 0x74, 0x61, 0x72], tar],
  [0, [0x1f, 0x8b], compressed('gzip')],
  [0, [0x28, 0xb5, 0x2f, 0xfd], compressed('zstd')],
  [0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], compressed('xz')],
  [0, [0x42, 0x5a, 0x68], compressed('bzip2')],
  // The opcode PROTO and a version; PyTorch's files before 1.6 begin with one.
  ...[2, 3, 4, 5].map((version) => [0, [0x80, version], pickle] as const),
];

/** What a file is by how it begins; null for what is none of these. @param start its first 262 bytes, or all it has */
export const foreignFile = (start: Uint8Array): ForeignFile | null =>
  beginnings.find(([at, bytes]) => bytes.every((byte, index) => start[at + index] === byte))?.[2] ?? null;

/** What is done about pickles, wherever they are met. */
export const pickleRefusal =
  "weights in pickle format are refused, because loading them can run code hidden in the file; use the model's safetensors files";
