/** What CLIP's kind of byte-pair encoding learns: merges are of pieces, the last of each word marked by its end. */
export interface WordPieces {
  /** A token's id is its place. */
  readonly vocabulary: readonly string[];
  /** Best first. */
  readonly merges: readonly (readonly [string, string])[];
}

const wordEnd = '</w>';

/** A printable character for each byte, as GPT-2 and CLIP have them. */
const byteCharacters: readonly string[] = (() => {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
})();

const spell = (word: string): string[] => {
  const pieces = Array.from(Buffer.from(word, 'utf8'), (byte) => byteCharacters[byte]!);
  return [...pieces.slice(0, -1), `${pieces.at(-1)!}${wordEnd}`];
};

const merged = (pieces: readonly string[], left: string, right: string): string[] => {
  const result: string[] = [];
  for (let at = 0; at < pieces.length; at++) {
    const found = pieces[at] === left && pieces[at + 1] === right;
    result.push(found ? left + right : pieces[at]!);
    if (found) at++;
  }
  return result;
};

/** The commonest pair of neighbours; of equally common ones the first in the order of characters. */
const commonest = (words: readonly { pieces: string[]; count: number }[]): [string, string] | null => {
  const counts = new Map<string, number>();
  for (const { pieces, count } of words)
    for (let at = 1; at < pieces.length; at++) {
      const pair = `${pieces[at - 1]!} ${pieces[at]!}`;
      counts.set(pair, (counts.get(pair) ?? 0) + count);
    }
  const [best] = [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
  return best === undefined ? null : (best[0].split(' ') as [string, string]);
};

/**
 * Learns from texts in lower case (Sennrich et al., 2016, with marked ends of words). All bytes, inside words and at their ends, come first in
 * the vocabulary and the special tokens last, as in CLIP's.
 */
export const learnWordPieces = (
  texts: readonly string[],
  size: number,
  specialTokens: readonly string[],
): WordPieces => {
  const counts = new Map<string, number>();
  for (const [word] of texts.flatMap((text) => [...text.matchAll(/\p{L}+|\p{N}/gu)]))
    counts.set(word, (counts.get(word) ?? 0) + 1);
  const words = [...counts].map(([word, count]) => ({ pieces: spell(word), count }));
  const vocabulary = [...byteCharacters, ...byteCharacters.map((one) => `${one}${wordEnd}`)];
  const merges: [string, string][] = [];
  while (vocabulary.length + specialTokens.length < size) {
    const best = commonest(words);
    if (best === null) throw new Error(`all words are whole after ${merges.length} merges: ask for less`);
    merges.push(best);
    if (!vocabulary.includes(best.join(''))) vocabulary.push(best.join(''));
    for (const word of words) word.pieces = merged(word.pieces, ...best);
  }
  return { vocabulary: [...vocabulary, ...specialTokens], merges };
};
