import { createRandom } from '../../random.ts';
import type { Batch } from './batch.ts';

/** How examples become batches: an objective's, since it says what a batch holds. */
export interface Batching<Example, B extends Batch = Batch> {
  /** @throws WorkbenchError for examples that do not fit into a row */
  readonly check: (examples: readonly Example[]) => void;
  /** A pass over the examples in rows, in order: one each, or several where they are packed. */
  readonly formRows: (ordered: readonly Example[]) => readonly (readonly Example[])[];
  /** Real tokens of a row. */
  readonly tokensOf: (row: readonly Example[]) => number;
  readonly assemble: (rows: readonly (readonly Example[])[]) => B;
}

/**
 * Every example once, in an order that depends on the seed and the epoch's number alone. Packed, the number of rows can differ a little
 * from epoch to epoch.
 * @param epoch from 0
 */
export const rowsOfEpoch = <Example>(
  { formRows }: Pick<Batching<Example>, 'formRows'>,
  examples: readonly Example[],
  seed: number,
  epoch: number,
): readonly (readonly Example[])[] => {
  const shuffled = createRandom(seed, epoch).shuffle(examples.map((_, index) => index));
  return formRows(shuffled.map((index) => examples[index]!));
};
