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
 * Whether a sequence is cheaper in a row than by itself. What it shares is not computed: about 24 width^2 operations a token and layer. What
 * it does not share looks at the whole row, masked or not: 4 width operations a pair, which take about three times as long as those.
 */
const isCheaper = (
  row: GrowingTree,
  sequence: ScoredSequence,
  { tokensAtMost, hiddenSize }: RowOptions,
): boolean => {
  const shared = row.shared(sequence);
  const added = sequence.inputIds.length - shared;
  return row.size() + added <= tokensAtMost && 2 * hiddenSize * shared > row.size() * added;
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
