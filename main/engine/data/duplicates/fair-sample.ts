import { createRandom } from '../../random.ts';

/** So many of them, in their order, each as likely as any other; the same ones every time. */
export const fairSample = (rows: readonly number[], most: number): readonly number[] =>
  rows.length <= most
    ? rows
    : createRandom(0)
        .shuffle([...rows])
        .slice(0, most)
        .sort((a, b) => a - b);

export const allRows = (count: number): number[] => Array.from({ length: count }, (_, row) => row);
