/** What byte-pair encoding learns. A token's id is its place in the vocabulary. */
export interface BytePairs {
  readonly vocabulary: readonly string[];
  /** Best first, as tokenizer.json has them. */
  readonly merges: readonly (readonly [string, string])[];
}

/**
 * Byte-level byte-pair encoding (Sennrich et al., 2016; bytes as in GPT-2): the commonest pair of neighbours becomes a token, again and
 * again. Among equally common pairs the one with the smaller ids wins, as in Hugging Face's BpeTrainer, so the result is the same as its.
 * @param vocabularySize counts the special tokens, the 256 bytes and the merges
 */
export const trainBytePairs = (
  texts: Iterable<string>,
  vocabularySize: number,
  specialTokens: readonly string[],
): BytePairs => {
  const vocabulary = [...specialTokens, ...byteCharacters.toSorted()];
  const idOf = new Map(vocabulary.map((token, id) => [token, id]));
  const merges: (readonly [string, string])[] = [];
  const words = [...countWords(texts)].map(([word, count]): Word => ({ ids: spell(word, idOf), count }));
  const pairs = createPairCounts();
  for (const word of words) pairs.add(word);

  while (vocabulary.length < vocabularySize) {
    const best = pairs.commonest();
    if (best === undefined) break;
    const [left, right] = unpackPair(best);
    const token = vocabulary[left]! + vocabulary[right]!;
    merges.push([vocabulary[left]!, vocabulary[right]!]);
    // "ab" + "c" and "a" + "bc" are two merges to one token
    const id = idOf.get(token) ?? vocabulary.push(token) - 1;
    idOf.set(token, id);
    for (const word of pairs.wordsWith(best)) {
      pairs.remove(word);
      word.ids = mergePair(word.ids, left, right, id);
      pairs.add(word);
    }
  }
  return { vocabulary, merges };
};

/** GPT-2's stand-ins: a printable character for each byte. ByteLevel with use_regex splits by `wordPattern`. */
const byteCharacters: readonly string[] = (() => {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
})();

const wordPattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

interface Word {
  ids: number[];
  readonly count: number;
}

const countWords = (texts: Iterable<string>): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const [word] of text.matchAll(wordPattern)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
};

const spell = (word: string, idOf: ReadonlyMap<string, number>): number[] =>
  Array.from(Buffer.from(word, 'utf8'), (byte) => idOf.get(byteCharacters[byte]!)!);

const mergePair = (ids: readonly number[], left: number, right: number, merged: number): number[] => {
  const result: number[] = [];
  for (let at = 0; at < ids.length; at++) {
    const found = ids[at] === left && ids[at + 1] === right;
    result.push(found ? merged : ids[at]!);
    if (found) at += 1;
  }
  return result;
};

/** A pair as one number, ordered by the left id and then by the right. */
const packPair = (left: number, right: number): number => left * 2 ** 20 + right;
const unpackPair = (pair: number): [number, number] => [Math.floor(pair / 2 ** 20), pair % 2 ** 20];

/** How often each pair stands in the corpus, and in which words. */
const createPairCounts = () => {
  const counts = new Map<number, number>();
  const wordsOf = new Map<number, Set<Word>>();
  const change = (word: Word, sign: 1 | -1): void => {
    for (let at = 1; at < word.ids.length; at++) {
      const pair = packPair(word.ids[at - 1]!, word.ids[at]!);
      const words = wordsOf.get(pair) ?? new Set();
      if (sign === 1) wordsOf.set(pair, words.add(word));
      else words.delete(word);
      const count = (counts.get(pair) ?? 0) + sign * word.count;
      if (count === 0) counts.delete(pair);
      else counts.set(pair, count);
    }
  };
  return {
    add: (word: Word): void => change(word, 1),
    remove: (word: Word): void => change(word, -1),
    wordsWith: (pair: number): Word[] => [...(wordsOf.get(pair) ?? [])],
    commonest(): number | undefined {
      let best: number | undefined;
      let most = 0;
      for (const [pair, count] of counts) {
        if (count < most || (count === most && pair >= best!)) continue;
        [best, most] = [pair, count];
      }
      return best;
    },
  };
};
