import type { Graph } from '../../../../main/engine/graph/graph.ts';
import { createSession } from '../../../../main/engine/runtime/session.ts';
import type { Tensor } from '../../../../main/engine/tensor.ts';

/** Two rows: one of two packed texts, and one with padding behind it. */
export const rows = [
  {
    ids: [3, 1, 4, 1, 5, 2],
    mask: [1, 1, 1, 1, 1, 1],
    positions: [0, 1, 2, 3, 0, 1],
    segments: [0, 0, 0, 0, 1, 1],
  },
  {
    ids: [2, 6, 5, 3, 0, 0],
    mask: [1, 1, 1, 1, 0, 0],
    positions: [0, 1, 2, 3, 4, 5],
    segments: [0, 0, 0, 0, 0, 0],
  },
] as const;

export type Row = (typeof rows)[number];

export const shape = [rows.length, rows[0].ids.length] as const;

const flat = (of: (row: Row) => readonly number[]): Tensor => ({
  shape: [...shape],
  data: BigInt64Array.from(rows.flatMap(of), BigInt),
});

/** What `tokenInputs` declares. */
const tokenTensors: Readonly<Record<string, Tensor>> = {
  input_ids: flat(({ ids }) => ids),
  attention_mask: flat(({ mask }) => mask),
  position_ids: flat(({ positions }) => positions),
  segment_ids: flat(({ segments }) => segments),
  token_type_ids: flat(({ ids }) => ids.map(() => 0)),
};

/** Runs a graph on the rows. */
export const runOnRows = async (
  graph: Graph,
  inputs: Readonly<Record<string, Tensor>> = {},
): Promise<Readonly<Record<string, Float32Array>>> => {
  const session = await createSession(graph, { threads: 1 });
  try {
    const outputs = await session.run({ ...tokenTensors, ...inputs });
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]),
    );
  } finally {
    await session.release();
  }
};

/** So many numbers between -1 and 1, others for each name. */
export const numbers = (name: string, count: number): Float32Array => {
  const seed = [...name].reduce((sum, letter, at) => sum + letter.charCodeAt(0) * (at + 1), 1);
  return Float32Array.from({ length: count }, (_, at) => Math.sin(seed * 1.37 + at * 2.11 + ((at * at) % 7)));
};

/** Whether the query at i may look at the key at j. */
export const mayLook = (
  { mask, positions, segments }: Row,
  [i, j]: readonly [number, number],
  { causal, window }: { readonly causal: boolean; readonly window: number | null },
): boolean => {
  const distance = positions[i]! - positions[j]!;
  if (mask[j] === 0 || segments[i] !== segments[j]) return false;
  if (causal && distance < 0) return false;
  return window === null || distance < window;
};

export const largestDifference = (own: ArrayLike<number>, expected: readonly number[]): number =>
  own.length === expected.length
    ? expected.reduce((worst, value, at) => Math.max(worst, Math.abs(value - own[at]!)), 0)
    : Infinity;
