import type { Batch } from '../../data/batches/batch.ts';
import { tokenBatch } from '../../data/batches/token-batch.ts';
import type { ScoredSequence } from './scored-sequence.ts';
import type { PlacedToken, TokenTree } from './token-tree.ts';

export interface RowToScore {
  readonly tree: TokenTree;
  /** Those that the tree is made of, in its order. */
  readonly sequences: readonly ScoredSequence[];
}

export interface TreeBatch {
  readonly batch: Batch;
  /** Of each sequence of each row, which of the batch's scored rows are its own. What several ask alike is scored once. */
  readonly scoredRows: readonly (readonly (readonly number[])[])[];
}

/**
 * Rows as the tensors of a batch of texts, with `last_segments` besides. Padding stands on the right: what it goes on from is the row's last
 * token, at whose place it stays, since a row may have more tokens than the model has positions.
 */
export const assembleTrees = (rows: readonly RowToScore[], padId: number): TreeBatch => {
  const sequence = Math.max(...rows.map(({ tree }) => tree.tokens.length));
  const laidOut = (of: (token: PlacedToken) => number, pad: (last: PlacedToken) => number): BigInt64Array => {
    const data = new BigInt64Array(rows.length * sequence);
    for (const [row, { tree }] of rows.entries()) {
      const start = row * sequence;
      data.fill(BigInt(pad(tree.tokens.at(-1)!)), start, start + sequence);
      for (const [place, token] of tree.tokens.entries()) data[start + place] = BigInt(of(token));
    }
    return data;
  };
  const alike = (of: (token: PlacedToken) => number): BigInt64Array => laidOut(of, of);
  const zero = (): number => 0;

  const labels = collectLabels();
  const scoredRows = rows.map(({ tree: { places }, sequences }, row) =>
    sequences.map(({ scored }, index) =>
      scored.map(({ token, target }) => labels.add(row * sequence + places[index]![token]!, target)),
    ),
  );
  const batch = tokenBatch({
    inputIds: laidOut(
      ({ id }) => id,
      () => padId,
    ),
    attentionMask: laidOut(() => 1, zero),
    positionIds: alike(({ position }) => position),
    segmentIds: alike(({ segment }) => segment),
    tokenTypes: laidOut(({ type }) => type, zero),
    ...labels.all(),
    batch: rows.length,
    sequence,
    tokens: rows.reduce((sum, { tree }) => sum + tree.tokens.length, 0),
  });
  const lastSegments = { shape: [rows.length, sequence], data: alike(({ lastSegment }) => lastSegment) };
  return { batch: { ...batch, tensors: { ...batch.tensors, last_segments: lastSegments } }, scoredRows };
};

interface Labels {
  /** @returns the number of the scored row with that place and target */
  readonly add: (place: number, target: number) => number;
  readonly all: () => Readonly<Record<'labelRows' | 'labelTargets', BigInt64Array>>;
}

const collectLabels = (): Labels => {
  const numbers = new Map<string, number>();
  const [places, targets]: [number[], number[]] = [[], []];
  return {
    add: (place, target) => {
      const key = `${place}:${target}`;
      const number = numbers.get(key) ?? numbers.size;
      if (number === numbers.size) {
        numbers.set(key, number);
        places.push(place);
        targets.push(target);
      }
      return number;
    },
    all: () => ({
      labelRows: BigInt64Array.from(places, BigInt),
      labelTargets: BigInt64Array.from(targets, BigInt),
    }),
  };
};
