import type { Tokenizer } from './tokenizer.ts';

/**
 * The id that rows are filled up with: the tokenizer's padding or end, or any that the model has an embedding for where those lie beyond
 * its vocabulary ([PAD] added to a tokenizer whose model never grew). Padding is masked, so no number depends on which it is.
 */
export const paddingId = (
  { padId, eosId }: Pick<Tokenizer, 'padId' | 'eosId'>,
  vocabularySize: number,
): number => [padId, eosId].find((id) => id !== undefined && id < vocabularySize) ?? 0;
