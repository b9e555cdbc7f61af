import type { Example } from '../examples/examples.ts';
import { packFirstFit } from './packing.ts';

/** The examples that share a row, each a segment. */
export type Row = readonly Example[];

/** First-fit greedy packing of examples, in order, into rows of at most sequenceLength tokens. */
export const packExamples = (examples: readonly Example[], sequenceLength: number): Example[][] => {
  const lengths = examples.map((example) => example.inputIds.length);
  return packFirstFit(lengths, sequenceLength).map((row) => row.map((index) => examples[index]!));
};

/** Tokens of the row's examples, without padding. */
export const tokensOf = (row: Row): number => row.reduce((sum, { inputIds }) => sum + inputIds.length, 0);
