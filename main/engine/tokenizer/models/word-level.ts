import { z } from 'zod';
import {
  missingUnknown,
  readVocabulary,
  tokensById,
  vocabularyShape,
  wholePiece,
  type TokenModel,
} from './model.ts';

export const wordLevelSettings = z.strictObject({
  type: z.literal('WordLevel').optional(),
  vocab: vocabularyShape,
  unk_token: z.string(),
});

/** Each piece is one token, or unknown. */
export const wordLevelModel = (settings: z.infer<typeof wordLevelSettings>): TokenModel => {
  const vocabulary = readVocabulary(settings.vocab);
  const tokens = tokensById(vocabulary);
  return {
    vocabulary,
    tokenOf: (id) => tokens[id],
    tokenize: (text) => {
      const id = vocabulary.get(text) ?? vocabulary.get(settings.unk_token);
      if (id === undefined) throw missingUnknown(settings.unk_token);
      return wholePiece(id, text);
    },
    spelling: (id) => tokens[id] ?? '',
    size: vocabulary.size,
  };
};
