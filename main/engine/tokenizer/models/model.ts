import { z } from 'zod';
import { invalidInput, type WorkbenchError } from '../../errors.ts';
import { isObject } from '../../json-value.ts';

/** What a model makes of a piece of text: ids, and the half-open stretch of the piece, in UTF-16 code units, that each comes from. */
export interface PieceTokens {
  readonly ids: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

export interface TokenModel {
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly tokenOf: (id: number) => string | undefined;
  /** @throws WorkbenchError where the text holds something unknown and the model has no token for it */
  readonly tokenize: (text: string) => PieceTokens;
  /** How the crate spells a token that stands for a stretch of text: mostly as the vocabulary does. */
  readonly spelling: (id: number, text: string) => string;
  /** The size that the crate counts: where ids of added tokens start. */
  readonly size: number;
}

export const noTokens: PieceTokens = { ids: [], starts: [], ends: [] };

/** One token for the whole piece. */
export const wholePiece = (id: number, text: string): PieceTokens => ({
  ids: [id],
  starts: [0],
  ends: [text.length],
});

/** The vocabulary read backwards. Of several tokens with one id the last counts. */
export const tokensById = (vocabulary: Iterable<readonly [string, number]>): (string | undefined)[] => {
  const tokens: (string | undefined)[] = [];
  for (const [token, id] of vocabulary) tokens[id] = token;
  return tokens;
};

/** The token that stands for a byte which the vocabulary has no character for. */
export const byteToken = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;

/** Checked by {@link readVocabulary} rather than by zod, which takes seconds for the vocabularies of large models. */
export const vocabularyShape = z.custom<Record<string, unknown>>(isObject, 'must be a JSON object');

/** @throws WorkbenchError naming a token whose id is not a whole number */
export const readVocabulary = (vocab: Record<string, unknown>): ReadonlyMap<string, number> => {
  const vocabulary = new Map<string, number>();
  for (const [token, id] of Object.entries(vocab)) {
    if (!isId(id))
      throw invalidInput(
        `vocab: the id of ${JSON.stringify(token)} is ${JSON.stringify(id)}, not a whole number up to ${largestId.toLocaleString('en')}`,
      );
    vocabulary.set(token, id);
  }
  return vocabulary;
};

/** Tables are as long as the largest id. The largest vocabularies have a quarter of a million. */
export const largestId = 2 ** 24 - 1;

const isId = (id: unknown): id is number =>
  typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= largestId;

/** What is thrown where the unknown token is needed and is not there. */
export const missingUnknown = (token: string): WorkbenchError =>
  invalidInput(
    `unk_token is ${JSON.stringify(token)}, which is not in the vocabulary, but the text holds something unknown`,
  );
