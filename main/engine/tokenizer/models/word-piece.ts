import { z } from 'zod';
import { unitsAt } from '../aligned-text.ts';
import {
  missingUnknown,
  readVocabulary,
  tokensById,
  vocabularyShape,
  wholePiece,
  type PieceTokens,
  type TokenModel,
} from './model.ts';
import { withWordCache } from './word-cache.ts';

export const wordPieceSettings = z.strictObject({
  type: z.literal('WordPiece').optional(),
  unk_token: z.string(),
  continuing_subword_prefix: z.string(),
  max_input_chars_per_word: z.int().nonnegative(),
  vocab: vocabularyShape,
});

type Settings = z.infer<typeof wordPieceSettings>;

/** Always the longest token that a word goes on with; a word that can't be spelled so is unknown as a whole. */
export const wordPieceModel = (settings: Settings): TokenModel => {
  const vocabulary = readVocabulary(settings.vocab);
  const tokens = tokensById(vocabulary);
  const { continuing_subword_prefix: prefix, max_input_chars_per_word: maximumLength } = settings;
  let longest = 0;
  for (const token of vocabulary.keys()) longest = Math.max(longest, token.length);

  const unknown = (text: string): PieceTokens => {
    const id = vocabulary.get(settings.unk_token);
    if (id === undefined) throw missingUnknown(settings.unk_token);
    return wholePiece(id, text);
  };
  const tokenize = (text: string): PieceTokens => {
    if (countCharacters(text, maximumLength) > maximumLength) return unknown(text);
    const found: { ids: number[]; starts: number[]; ends: number[] } = { ids: [], starts: [], ends: [] };
    for (let start = 0; start < text.length;) {
      let end = Math.min(text.length, start + longest);
      let id: number | undefined;
      for (; end > start; end -= unitsBefore(text, end)) {
        id = vocabulary.get((start > 0 ? prefix : '') + text.slice(start, end));
        if (id !== undefined) break;
      }
      if (id === undefined) return unknown(text);
      found.ids.push(id);
      found.starts.push(start);
      found.ends.push(end);
      start = end;
    }
    return found;
  };
  return {
    vocabulary,
    tokenOf: (id) => tokens[id],
    tokenize: withWordCache(tokenize),
    spelling: (id) => tokens[id] ?? '',
    size: vocabulary.size,
  };
};

/** Counts no further than just past `enough`. */
const countCharacters = (text: string, enough: number): number => {
  let count = 0;
  for (let at = 0; at < text.length && count <= enough; at += unitsAt(text, at)) count += 1;
  return count;
};

const unitsBefore = (text: string, end: number): number => (end > 1 && unitsAt(text, end - 2) === 2 ? 2 : 1);
