import type { Tokenizer } from './tokenizer.ts';

/**
 * What a token decodes to by itself, for people; its vocabulary form where that is only part of a character.
 * @param index its place among the tokens that are shown: before the first there is no space
 */
export const readableToken = (tokenizer: Tokenizer, id: number, index: number): string =>
  (index > 0 ? spaceBefore(tokenizer, id) : '') + ownText(tokenizer, id);

const spaceBefore = (tokenizer: Tokenizer, id: number): string =>
  tokenizer.marksContinuations && !tokenizer.tokenText(id).startsWith('##') ? ' ' : '';

const ownText = (tokenizer: Tokenizer, id: number): string => {
  const decoded = tokenizer.decode([id]);
  if (tokenizer.marksContinuations) return decoded.replace(/^##/, '');
  if (decoded === '' || decoded.includes('\uFFFD')) return tokenizer.tokenText(id);
  // Decoders drop the space that SentencePiece puts before the first word.
  return tokenizer.tokenText(id).startsWith('▁') && !decoded.startsWith(' ') ? ` ${decoded}` : decoded;
};
