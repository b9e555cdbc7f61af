import { z } from 'zod';
import { invalidInput, WorkbenchError } from '../../errors.ts';
import { unitsAt } from '../aligned-text.ts';
import { unitStretches, utf8Bytes, utf8Length } from './byte-places.ts';
import { mergeSymbols, type Merges, type Symbols } from './merge-symbols.ts';
import {
  byteToken,
  missingUnknown,
  noTokens,
  readVocabulary,
  tokensById,
  vocabularyShape,
  wholePiece,
  type PieceTokens,
  type TokenModel,
} from './model.ts';
import { pairTable } from './pair-table.ts';
import { withWordCache } from './word-cache.ts';

export const bytePairSettings = z.strictObject({
  type: z.literal('BPE').optional(),
  dropout: z.number().nullish(),
  unk_token: z.string().nullish(),
  continuing_subword_prefix: z.string().nullish(),
  end_of_word_suffix: z.string().nullish(),
  fuse_unk: z.boolean().nullish(),
  byte_fallback: z.boolean().nullish(),
  ignore_merges: z.boolean().nullish(),
  vocab: vocabularyShape,
  merges: z.custom<readonly unknown[]>(Array.isArray, 'must be a list'),
});

type Settings = z.infer<typeof bytePairSettings>;

/** @throws WorkbenchError for what is not done, and where merges name tokens that are not there */
export const bytePairModel = (settings: Settings): TokenModel => {
  if ((settings.dropout ?? 0) !== 0)
    throw unsupported(`dropout is ${settings.dropout}: the same text would get other tokens each time`);
  if (settings.byte_fallback === true && (settings.continuing_subword_prefix || settings.end_of_word_suffix))
    throw unsupported('byte_fallback together with continuing_subword_prefix or end_of_word_suffix');
  const vocabulary = readVocabulary(settings.vocab);
  const merges = readMerges(settings, vocabulary);
  const tokens = tokensById(vocabulary);
  const split = symbolSplitter(settings, vocabulary);

  const tokenizeWord = (text: string): PieceTokens => {
    const merged = mergeSymbols(split(text), merges);
    return placed(text, merged);
  };
  const cached = withWordCache(tokenizeWord);
  const tokenize = (text: string): PieceTokens => {
    if (text === '') return noTokens;
    const whole = settings.ignore_merges === true ? vocabulary.get(text) : undefined;
    return whole === undefined ? cached(text) : wholePiece(whole, text);
  };
  return {
    vocabulary,
    tokenOf: (id) => tokens[id],
    tokenize,
    spelling: (id) => tokens[id] ?? '',
    size: vocabulary.size,
  };
};

const unsupported = (message: string): WorkbenchError => new WorkbenchError('unsupported', message);

const readMerges = (settings: Settings, vocabulary: ReadonlyMap<string, number>): Merges => {
  const prefix = settings.continuing_subword_prefix ?? '';
  const pairs = settings.merges
    .filter((merge) => typeof merge !== 'string' || !merge.startsWith('#version'))
    .map((merge): unknown => (typeof merge === 'string' ? merge.split(' ') : merge));
  const ranks = pairTable(pairs.length);
  const results = new Int32Array(pairs.length);
  const idOf = (token: string): number => {
    const id = vocabulary.get(token);
    if (id === undefined) throw invalidInput(`merges: ${JSON.stringify(token)} is not in vocab`);
    return id;
  };
  for (const [rank, pair] of pairs.entries()) {
    if (!isPair(pair)) throw invalidInput(`merges: entry ${rank + 1} is not a pair`);
    const [left, right] = pair;
    ranks.set(idOf(left), idOf(right), rank);
    results[rank] = idOf(left + right.slice(prefix.length));
  }
  return { ranks, results };
};

const isPair = (value: unknown): value is readonly [string, string] =>
  Array.isArray(value) && value.length === 2 && value.every((token) => typeof token === 'string');

/**
 * A word's characters as symbols. A character that is not in the vocabulary becomes its bytes or the unknown token, or nothing
 * where the model has neither.
 */
const symbolSplitter = (
  settings: Settings,
  vocabulary: ReadonlyMap<string, number>,
): ((text: string) => Symbols) => {
  const prefix = settings.continuing_subword_prefix ?? '';
  const suffix = settings.end_of_word_suffix ?? '';
  const byteIds = settings.byte_fallback === true ? readByteIds(vocabulary) : null;
  const fuses = settings.fuse_unk === true;
  const unknownToken = settings.unk_token;

  const unknownId = (token: string): number => {
    const id = vocabulary.get(token);
    if (id === undefined) throw missingUnknown(token);
    return id;
  };

  return (text) => {
    const symbols: Symbols = { ids: [], lengths: [] };
    const add = (id: number, length: number): void => {
      symbols.ids.push(id);
      symbols.lengths.push(length);
    };
    let unknown: { readonly id: number; readonly length: number } | null = null;
    for (let at = 0; at < text.length;) {
      const units = unitsAt(text, at);
      const character = units === 1 ? text[at]! : text.slice(at, at + 2);
      const isLast = at + units === text.length;
      const spelled = (at > 0 ? prefix : '') + character + (isLast ? suffix : '');
      const length = utf8Length(character);
      at += units;
      const id = vocabulary.get(spelled);
      if (id !== undefined) {
        if (unknown !== null) add(unknown.id, unknown.length);
        unknown = null;
        add(id, length);
        continue;
      }
      const bytes = byteIds === null ? null : idsOfBytes(spelled, byteIds);
      if (bytes !== null) {
        // an unknown token that waits stays behind them, as in the crate
        for (const byteId of bytes) add(byteId, 1);
        continue;
      }
      if (unknownToken === undefined || unknownToken === null) continue;
      if (unknown !== null && fuses) {
        unknown = { id: unknown.id, length: unknown.length + length };
        continue;
      }
      if (unknown !== null) add(unknown.id, unknown.length);
      unknown = { id: unknownId(unknownToken), length };
    }
    if (unknown !== null) add(unknown.id, unknown.length);
    return symbols;
  };
};

/** The ids of the 256 byte tokens, where they are there. */
export const readByteIds = (vocabulary: ReadonlyMap<string, number>): readonly (number | undefined)[] =>
  Array.from({ length: 256 }, (_, byte) => vocabulary.get(byteToken(byte)));

/** Null where one of the bytes has no token. */
export const idsOfBytes = (text: string, byteIds: readonly (number | undefined)[]): number[] | null => {
  const ids: number[] = [];
  for (const byte of utf8Bytes(text)) {
    const id = byteIds[byte];
    if (id === undefined) return null;
    ids.push(id);
  }
  return ids;
};

/** Symbols lie one behind the other, by their bytes. */
const placed = (text: string, { ids, lengths }: Symbols): PieceTokens => {
  const starts: number[] = [];
  const ends: number[] = [];

  const isAscii = /^[\0-\x7f]*$/.test(text);
  const stretch = isAscii ? null : unitStretches(text);
  let at = 0;
  for (const length of lengths) {
    const [start, end] = stretch === null ? [at, at + length] : stretch(at, at + length);
    starts.push(start);
    ends.push(end);
    at += length;
  }
  return { ids, starts, ends };
};
