import { tokenBatching } from '../../data/batches/token-batching.ts';
import type { PictureTower, RowInput, TextTower } from '../../models/architecture.ts';
import type { Tensor } from '../../tensor.ts';
import { modelTensors } from '../scored-rows/scored-rows.ts';

/** A text as a tower takes it: its token ids from beginning to end, or its embedding where embeddings are given. */
export type TextRow = readonly number[] | Float32Array;

/** What a batch holds of one side of the comparison. */
export interface SideOfBatch {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly rows: number;
  /** Positions of the longest row that a tower tells apart. */
  readonly sequence: number;
  /** Positions of all rows, without padding. */
  readonly tokens: number;
}

const stacked = ({ name, shape }: RowInput, rows: readonly Float32Array[]): Record<string, Tensor> => {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = new Float32Array(rows.length * size);
  for (const [at, row] of rows.entries()) {
    if (row.length !== size) throw new Error(`${name} of ${row.length} numbers, not ${shape.join(' x ')}`);
    data.set(row, at * size);
  }
  return { [name]: { shape: [rows.length, ...shape], data } };
};

/** @param pictures the numbers of each */
export const pictureSide = (
  { input, positions }: PictureTower,
  pictures: readonly Float32Array[],
): SideOfBatch => ({
  tensors: stacked(input, pictures),
  rows: pictures.length,
  sequence: positions,
  tokens: pictures.length * positions,
});

const isEmbedding = (text: TextRow): text is Float32Array => text instanceof Float32Array;

/**
 * Texts padded to the longest. What follows the token that stands for a text changes nothing of it, so this is as good as any length.
 * @throws invalid-input for a text without an end
 */
export const textSide = (tower: TextTower, texts: readonly TextRow[], padId: number): SideOfBatch => {
  const { input, endOf } = tower;
  if (input !== null)
    return {
      tensors: stacked(input, texts.filter(isEmbedding)),
      rows: texts.length,
      sequence: 1,
      tokens: texts.length,
    };
  const ids = texts.map((text) => [...text]);
  const examples = ids.map((tokens, sourceRow) => ({
    inputIds: Int32Array.from(tokens),
    targets: new Uint8Array(tokens.length),
    sourceRow,
  }));
  const longest = Math.max(2, ...ids.map(({ length }) => length));
  const batch = tokenBatching({ sequenceLength: longest, packing: false, padId, scored: () => [] }).assemble(
    examples.map((example) => [example]),
  );
  const ends = BigInt64Array.from(ids, (tokens, row) => BigInt(row * batch.sequence + endOf(tokens)));
  return {
    tensors: { ...modelTensors(batch), text_ends: { shape: [ids.length], data: ends } },
    rows: ids.length,
    sequence: batch.sequence,
    tokens: batch.tokens,
  };
};
