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

const readCharacterMap = (encoded: string): CharacterMap => {
  const bytes = Buffer.from(encoded, 'base64');
  const length = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  if (bytes.length < 4 || 4 + length > bytes.length || length % 4 !== 0)
    throw invalidInput('precompiled_charsmap is not a table of SentencePiece');
  return {
    trie: Uint32Array.from({ length: length / 4 }, (_, index) => bytes.readUInt32LE(4 + 4 * index)),
    replacements: bytes.subarray(4 + length),
  };
};

const nextOffset = (unit: number): number => (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
const hasLeaf = (unit: number): boolean => ((unit >>> 8) & 1) === 1;
const labelOf = (unit: number): number => (unit & 0x800000ff) >>> 0;

/** Where the replacement of the shortest prefix of `key` that has one starts, or -1. */
const findReplacement = (trie: Uint32Array, key: Uint8Array): number => {
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
};

/** Longer user-perceived characters are looked up character by character only. */
const longestWhole = 6;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

export const characterMapNormalizer = (encoded: string): ((source: AlignedText) => AlignedText) => {
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

  /** A user-perceived character: whole where it is short and has a replacement, else character by character. */
  const addGrapheme = (changes: Changes, segment: string): void => {
    const bytes = utf8Bytes(segment);
    const whole = bytes.length < longestWhole ? lookUp(segment, bytes) : null;
    if (whole !== null) {
      changes.replace(segment, whole);
      return;
    }
    for (const character of segment) {
      const single = lookUp(character, utf8Bytes(character));
      if (single === null) changes.keep(character);
      else changes.replace(character, single);
    }
  };
  const ascii = Array.from({ length: 0x80 }, (_, unit) =>
    lookUp(String.fromCharCode(unit), Uint8Array.of(unit)),
  );

  return (source) => {
    const { text } = source;
    const changes = collectChanges();
    for (let at = 0; at < text.length;) {
      if (standsAlone(text, at)) {
        const replacement = ascii[text.charCodeAt(at)]!;
        if (replacement === null) changes.keep(text[at]!);
        else changes.replace(text[at]!, replacement);
        at += 1;
        continue;
      }
      let end = at + 1;
      while (end < text.length && !standsAlone(text, end)) end += 1;
      // what stands before a character that stands alone may still be joined to it
      end = Math.min(end + 1, text.length);
      for (const { segment } of graphemes.segment(text.slice(at, end))) addGrapheme(changes, segment);
      at = end;
    }
    return changes.isChanged() ? transform(source, changes.list) : source;
  };
};

/** Between two characters of ASCII a grapheme always ends, but for a carriage return and a line feed. */
const standsAlone = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at);
  if (unit >= 0x80) return false;
  const next = at + 1 < text.length ? text.charCodeAt(at + 1) : 0;
  return next < 0x80 && !(unit === 0x0d && next === 0x0a);
};

interface Changes {
  readonly list: readonly Replacement[];
  readonly isChanged: () => boolean;
  readonly keep: (character: string) => void;
  readonly replace: (old: string, replacement: string) => void;
}

/** As the crate counts: what is longer is new at its end; what is shorter takes the rest with the last character so far. */
const collectChanges = (): Changes => {
  const list: { character: string; change: number }[] = [];
  let isChanged = false;
  return {
    list,
    isChanged: () => isChanged,
    keep: (character) => {
      list.push({ character, change: 0 });
    },
    replace: (old, replacement) => {
      isChanged = true;
      const characters = [...replacement];
      const added = characters.length - [...old].length;
      for (const [index, character] of characters.entries())
        list.push({ character, change: index >= characters.length - added ? 1 : 0 });
      const last = list.at(-1);
      if (added < 0 && last !== undefined) last.change += added;
    },
  };
};
