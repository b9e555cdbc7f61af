import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { pretrainingCorpus } from './corpus.ts';
import type { Document } from './corpus.ts';
import { modelDirectory } from './paths.ts';

/** The documents one behind the other, with an <|endoftext|> before each and behind the last. */
export const pretrainingTokens = (documents: readonly Document[] = pretrainingCorpus()): Int32Array => {
  const tokenizer = loadTokenizer(modelDirectory);
  const separator = Int32Array.of(tokenizer.eosId!);
  const pieces = documents.flatMap(({ text }) => [separator, Int32Array.from(tokenizer.encode(text))]);
  return concatenate([...pieces, separator]);
};

const concatenate = (pieces: readonly Int32Array[]): Int32Array => {
  const joined = new Int32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
};
