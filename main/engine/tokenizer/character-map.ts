import { invalidInput } from '../errors.ts';
import { transform, type AlignedText, type Replacement } from './aligned-text.ts';
import { utf8Bytes } from './models/byte-places.ts';

/**
 * SentencePiece's compiled table of replacements: the length of a double-array trie in bytes, the trie, and behind it all
 * replacements, each ended by NUL, that the trie's values point into.
 */
interface CharacterMap {
  readonly trie: Uint32Array;
  readonly replacements: Uint8Array;
}

function readCharacterMap(encoded: string): CharacterMap {
  const bytes = Buffer.from(encoded, 'base64');
  const length = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  if (bytes.length < 4 || 4 + length > bytes.length || length % 4 !== 0)
    throw invalidInput('precompiled_charsmap is not a table of SentencePiece');
  return {
    trie: Uint32Array.from({ length: length / 4 }, (_, index) => bytes.readUInt32LE(4 + 4 * index)),
    replacements: bytes.subarray(4 + length),
  };
}

const nextOffset = (unit: number): number => (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
const hasLeaf = (unit: number): boolean => ((unit >>> 8) & 1) === 1;
const labelOf = (unit: number): number => (unit & 0x800000ff) >>> 0;

/** Where the replacement of the shortest prefix of `key` that has one starts, or -1. */
function findReplacement(trie: Uint32Array, key: Uint8Array): number {
  let place = nextOffset(trie[0] ?? 0);
  for (const byte of key) {
    if (byte === 0) return -1;
    place ^= byte;
    const unit = trie[place] ?? 0;
    if (labelOf(unit) !== byte) return -1;
    place ^= nextOffset(unit);
    if (hasLeaf(unit)) return (trie[place] ?? 0) & 0x7fffffff;
  }
  return -1;
}

/** Longer user-perceived characters are looked up character by character only. */
const longestWhole = 6;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

export function characterMapNormalizer(encoded: string): (source: AlignedText) => AlignedText {
  const { trie, replacements } = readCharacterMap(encoded);
  const decoder = new TextDecoder();
  const known = new Map<string, string | null>();

  const lookUp = (text: string, bytes: Uint8Array): string | null => {
    const remembered = known.get(text);
    if (remembered !== undefined) return remembered;
    const start = findReplacement(trie, bytes);
    const end = start === -1 ? -1 : replacements.indexOf(0, start);
    const found =
      start === -1 ? null : decoder.decode(replacements.subarray(start, end === -1 ? undefined : end));
    if (known.size > 65536) known.clear();
    known.set(text, found);
    return found;
  };

  return (source) => {
    const list: { character: string; change: number }[] = [];
    let isChanged = false;
    const replace = (old: string, replacement: string): void => {
      isChanged = true;
      pushReplacement(list, old, replacement);
    };
    for (const { segment } of graphemes.segment(source.text)) {
      const bytes = utf8Bytes(segment);
      const whole = bytes.length < longestWhole ? lookUp(segment, bytes) : null;
      if (whole !== null) {
        replace(segment, whole);
        continue;
      }
      for (const character of segment) {
        const single = lookUp(character, utf8Bytes(character));
        if (single === null) list.push({ character, change: 0 });
        else replace(character, single);
      }
    }
    return isChanged ? transform(source, list satisfies Replacement[]) : source;
  };
}

/** As the crate counts: what is longer is new at its end; what is shorter takes the rest with the last character so far. */
function pushReplacement(
  list: { character: string; change: number }[],
  old: string,
  replacement: string,
): void {
  const characters = [...replacement];
  const added = characters.length - [...old].length;
  for (const [index, character] of characters.entries())
    list.push({ character, change: index >= characters.length - added ? 1 : 0 });
  const last = list.at(-1);
  if (added < 0 && last !== undefined) last.change += added;
}
