import type { ScoredSequence, ScoredUnit } from './scored-sequence.ts';
import { growTree, type GrowingTree } from './token-tree.ts';
import type { RowToScore } from './tree-batch.ts';

/** A sequence of a unit. */
export interface Entry<Result> {
  readonly unit: ScoredUnit<Result>;
  /** Among the unit's. */
  readonly index: number;
}

/** A row of a batch: sequences that begin alike, as far as they do computed once. */
export interface SequenceRow<Result> extends RowToScore {
  /** Whose the sequences are, in their order. */
  readonly entries: readonly Entry<Result>[];
}

export interface RowOptions {
  /** Tokens of a row at most, but for a sequence that has more by itself. */
  readonly tokensAtMost: number;
  /** Of the model. */
  readonly hiddenSize: number;
  /** Whether what comes after a token changes nothing about it. Otherwise each sequence has a row of its own. */
  readonly causal: boolean;
}

interface GrowingRow<Result> {
  readonly tree: GrowingTree;
  readonly sequences: ScoredSequence[];
  readonly entries: Entry<Result>[];
}

/**
 * Whether a sequence is cheaper in a row than by itself. A token takes about as long as looking at 2 width keys does (measured on the CPU
 * with width 576), so what is shared saves so much; and what is not looks at the whole row and is looked at by it, masked or not.
 */
const isCheaper = (
  row: GrowingTree,
  sequence: ScoredSequence,
  { tokensAtMost, hiddenSize }: RowOptions,
): boolean => {
  const shared = row.shared(sequence);
  const added = sequence.inputIds.length - shared;
  return row.size() + added <= tokensAtMost && hiddenSize * shared > row.size() * added;
};

/** The sequences of all units in rows, one after the other; each goes into the row before it where it begins as that one does. */
export const formRows = <Result>(
  units: readonly ScoredUnit<Result>[],
  options: RowOptions,
): SequenceRow<Result>[] => {
  const rows: GrowingRow<Result>[] = [];
  for (const unit of units)
    for (const [index, sequence] of unit.sequences.entries()) {
      const last = rows.at(-1);
      const fits = last !== undefined && options.causal && isCheaper(last.tree, sequence, options);
      const row: GrowingRow<Result> = fits ? last : { tree: growTree(), sequences: [], entries: [] };
      if (!fits) rows.push(row);
      row.tree.add(sequence);
      row.sequences.push(sequence);
      row.entries.push({ unit, index });
    }
  return rows.map(({ tree, ...row }) => ({ ...row, tree: tree.build() }));
};
