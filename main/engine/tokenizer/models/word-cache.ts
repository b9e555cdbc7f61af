import type { PieceTokens } from './model.ts';

const maximumWords = 65536;
const maximumWordLength = 256;

/**
 * Remembers what a model made of words, which return all the time. When the cache is full it starts anew, so that a text of
 * words that never return does not hold memory.
 */
export const withWordCache = (tokenize: (text: string) => PieceTokens): ((text: string) => PieceTokens) => {
  const words = new Map<string, PieceTokens>();
  return (text) => {
    if (text.length > maximumWordLength) return tokenize(text);
    const known = words.get(text);
    if (known !== undefined) return known;
    const tokens = tokenize(text);
    if (words.size >= maximumWords) words.clear();
    words.set(text, tokens);
    return tokens;
  };
};
