import { createRandom } from '../../random.ts';
import type { Example } from '../examples/examples.ts';
import { packFirstFit } from './packing.ts';

/** The examples that share a row, each a segment. */
export type Row = readonly Example[];

export interface RowOptions {
  readonly examples: readonly Example[];
  /** The most tokens in a row. */
  readonly sequenceLength: number;
  /** Several examples in a row (first fit), each its own segment; otherwise one example a row. */
  readonly packing: boolean;
}

/** First-fit greedy packing of examples, in order, into rows of at most sequenceLength tokens. */
export const packExamples = (examples: readonly Example[], sequenceLength: number): Example[][] => {
  const lengths = examples.map((example) => example.inputIds.length);
  return packFirstFit(lengths, sequenceLength).map((row) => row.map((index) => examples[index]!));
};

export const formRows = (options: RowOptions, ordered: readonly Example[]): Row[] =>
  options.packing ? packExamples(ordered, options.sequenceLength) : ordered.map((example) => [example]);

/**
 * Every example once, in an order that depends on the seed and the epoch's number alone. Packed, the number of rows can differ a little
 * from epoch to epoch.
 * @param epoch from 0
 */
export const rowsOfEpoch = (options: RowOptions, seed: number, epoch: number): Row[] => {
  const { examples } = options;
  const shuffled = createRandom(seed, epoch).shuffle(examples.map((_, index) => index));
  return formRows(
    options,
    shuffled.map((index) => examples[index]!),
  );
};

/** Tokens of the row's examples, without padding. */
export const tokensOf = (row: Row): number => row.reduce((sum, { inputIds }) => sum + inputIds.length, 0);
