import { z } from 'zod';
import { WorkbenchError } from '../errors.ts';
import { alignedText, sliceOf, type AlignedText } from './aligned-text.ts';
import { largestId, type TokenModel } from './models/model.ts';
import { pieceTrie, type PieceTrie } from './models/piece-trie.ts';
import type { Normalizer } from './normalizers.ts';
import { leadingSpaces, trailingSpaces } from './strip.ts';
import { isWord } from './unicode/classes.ts';

export const addedTokenShape = z.strictObject({
  id: z.int().nonnegative().max(largestId).optional(),
  content: z.string(),
  single_word: z.boolean(),
  lstrip: z.boolean(),
  rstrip: z.boolean(),
  normalized: z.boolean(),
  special: z.boolean(),
});

/** A token that is looked for in the text before the model sees it. */
export type AddedTokenSettings = z.output<typeof addedTokenShape>;

/** A piece of a text: a token that was found, or text for the model. */
export interface FoundPiece {
  readonly piece: AlignedText;
  readonly id: number | null;
}

export interface AddedVocabulary {
  readonly tokens: ReadonlyMap<number, AddedTokenSettings>;
  readonly ids: ReadonlyMap<string, number>;
  /** How a token is handed to the decoder: normalized where the token is. */
  readonly spellingOf: (id: number) => string | undefined;
  /** As the decoder leaves them out. */
  readonly specialSpellings: ReadonlySet<string>;
  /** Cuts a text at its added tokens; what lies between is normalized. */
  readonly extract: (text: string) => readonly FoundPiece[];
}

interface Options {
  /** One after the other, as they were added. */
  readonly batches: readonly (readonly AddedTokenSettings[])[];
  readonly model: TokenModel;
  readonly normalize: Normalizer;
  /** Special tokens in a text are text as any other. */
  readonly splitsSpecialTokens: boolean;
}

/**
 * Tokens get the id of the vocabulary, or the next free one in order: what id they say themselves does not count, as in the crate.
 * They are looked for in two passes: those that are not normalized in the text as it is, the others in the normalized text
 * between.
 */
export const addedVocabulary = ({
  batches,
  model,
  normalize,
  splitsSpecialTokens,
}: Options): AddedVocabulary => {
  const tokens = new Map<number, AddedTokenSettings>();
  const ids = new Map<string, number>();
  for (const batch of batches) {
    const largest = [...tokens.keys()].reduce((most, id) => Math.max(most, id), -1);
    let nextId = largest >= model.size ? largest + 1 : model.size;
    for (const token of batch) {
      if (token.content === '') continue;
      const id = ids.get(token.content) ?? model.vocabulary.get(token.content) ?? nextId++;
      ids.set(token.content, id);
      tokens.set(id, token);
    }
  }
  const spellings = new Map<number, string>();
  for (const [id, { content, normalized }] of tokens)
    spellings.set(id, normalized ? normalize(alignedText(content)).text : content);

  const finder = (isNormalized: boolean): TokenFinder =>
    tokenFinder(
      [...tokens]
        .filter(([, { normalized }]) => normalized === isNormalized)
        .map(([id, token]) => ({ ...token, id, pattern: spellings.get(id)! })),
      splitsSpecialTokens,
    );
  const [findRaw, findNormalized] = [finder(false), finder(true)];
  return {
    tokens,
    ids,
    spellingOf: (id) => spellings.get(id),
    specialSpellings: new Set(
      [...tokens.values()].filter(({ special }) => special).map(({ content }) => content),
    ),
    extract: (text) =>
      findRaw(alignedText(text)).flatMap((found) =>
        found.id === null ? findNormalized(normalize(found.piece)) : [found],
      ),
  };
};

type TokenFinder = (text: AlignedText) => readonly FoundPiece[];

interface Searched extends AddedTokenSettings {
  readonly id: number;
  readonly pattern: string;
}

const tokenFinder = (searched: readonly Searched[], splitsSpecialTokens: boolean): TokenFinder => {
  refuseDoubled(searched);
  if (searched.length === 0) return (text) => (text.text === '' ? [] : [wholeOf(text)]);
  const trie = pieceTrie(searched.map(({ pattern }, index) => [pattern, index]));
  const firstUnits = new Uint8Array(65536);
  for (const { pattern } of searched) firstUnits[pattern.charCodeAt(0)] = 1;

  return (source) => {
    const { text } = source;
    const found: FoundPiece[] = [];
    let taken = 0;
    const takeText = (end: number): void => {
      if (taken < end) found.push({ piece: sliceOf(source, taken, end), id: null });
    };
    for (let at = 0; at < text.length;) {
      const match = firstUnits[text.charCodeAt(at)] === 1 ? longestAt(trie, text, at) : null;
      if (match === null) {
        at += 1;
        continue;
      }
      const token = searched[match.index]!;
      const from = at;
      at = match.end;
      if (token.special && splitsSpecialTokens) continue;
      if (token.single_word && !standsAlone(text, from, match.end)) continue;
      const start = token.lstrip ? Math.max(from - trailingSpaces(text.slice(taken, from)), taken) : from;
      const end = token.rstrip ? match.end + leadingSpaces(text.slice(match.end)) : match.end;
      takeText(start);
      found.push({ piece: sliceOf(source, start, end), id: token.id });
      taken = end;
    }
    takeText(text.length);
    return found;
  };
};

const refuseDoubled = (searched: readonly Searched[]): void => {
  const patterns = new Set<string>(['']);
  for (const { content, pattern } of searched) {
    if (patterns.has(pattern))
      throw new WorkbenchError(
        'unsupported',
        `added_tokens: ${JSON.stringify(content)} is ${pattern === '' ? 'nothing' : 'the same as another'} when normalized`,
      );
    patterns.add(pattern);
  }
};

/** A slice of all, so that the piece starts where its first character comes from. */
const wholeOf = (text: AlignedText): FoundPiece => ({ piece: sliceOf(text, 0, text.text.length), id: null });

const longestAt = (trie: PieceTrie, text: string, at: number): { index: number; end: number } | null => {
  let longest: { index: number; end: number } | null = null;
  trie.prefixes(text, at, (index, end) => {
    longest = { index, end };
  });
  return longest;
};

const standsAlone = (text: string, start: number, end: number): boolean => {
  const before = text.slice(Math.max(0, start - 2), start);
  const last = [...before].at(-1);
  const next = text.codePointAt(end);
  return (last === undefined || !isWord(last.codePointAt(0)!)) && (next === undefined || !isWord(next));
};
