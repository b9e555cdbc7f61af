import { invalidInput, WorkbenchError } from '../../../errors.ts';
import { foreignFile } from '../../../formats/foreign-file.ts';

export const pictureFormats = ['JPEG', 'PNG', 'WebP'] as const;
export type PictureFormat = (typeof pictureFormats)[number];

const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));

type Beginning<What> = readonly [at: number, bytes: readonly number[], what: What];

const readable: readonly Beginning<PictureFormat>[] = [
  [0, [0xff, 0xd8, 0xff], 'JPEG'],
  [0, [0x89, ...ascii('PNG\r\n'), 0x1a, 0x0a], 'PNG'],
  [8, ascii('WEBP'), 'WebP'],
];

/** As in "is ...". */
const others: readonly Beginning<string>[] = [
  [0, ascii('GIF8'), 'a GIF picture'],
  [0, ascii('BM'), 'a BMP picture'],
  [0, ascii('II*\0'), 'a TIFF picture'],
  [0, ascii('MM\0*'), 'a TIFF picture'],
  [4, ascii('ftypavif'), 'an AVIF picture'],
  [4, ascii('ftyphei'), 'an HEIC picture'],
  [4, ascii('ftypmif1'), 'an HEIF picture'],
  [4, [0x6a, 0x50, 0x20, 0x20], 'a JPEG 2000 picture'],
  [0, [0xff, 0x0a], 'a JPEG XL picture'],
  [0, ascii('%PDF'), 'a PDF'],
];

const whatBegins = <What>(beginnings: readonly Beginning<What>[], bytes: Uint8Array): What | undefined =>
  beginnings.find(([at, start]) => start.every((byte, index) => bytes[at + index] === byte))?.[2];

/**
 * What a file holds by how it begins, whatever it is called.
 * @param place the file, for errors
 * @throws WorkbenchError naming what it is where it is no picture that is read
 */
export const pictureFormat = (bytes: Uint8Array, place: string): PictureFormat => {
  const found = whatBegins(readable, bytes);
  if (found !== undefined) return found;
  if (bytes.length === 0) throw invalidInput(`${place}: is empty, not a picture`);
  const known = whatBegins(others, bytes) ?? foreignFile(bytes)?.name ?? markup(bytes);
  if (known === undefined)
    throw invalidInput(`${place}: is no picture: it begins like none of ${pictureFormats.join(', ')}`);
  throw new WorkbenchError(
    'unsupported',
    `${place}: is ${known}; pictures are read from ${pictureFormats.join(', ')}: save it as one of these`,
  );
};

/** What a server sends in place of a picture that is not there, and drawings, begin with a tag. */
const markup = (bytes: Uint8Array): string | undefined => {
  const start = new TextDecoder().decode(bytes.subarray(0, 512)).trimStart().toLowerCase();
  if (start.startsWith('<svg') || (start.startsWith('<?xml') && start.includes('<svg')))
    return 'an SVG drawing';
  if (start.startsWith('<!doctype html') || start.startsWith('<html')) return 'a web page';
  return undefined;
};
