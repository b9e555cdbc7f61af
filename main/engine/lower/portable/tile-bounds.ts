import { divide, product, type Dimension } from '../../graph/dimension.ts';
import type { AttentionAttributes } from '../../graph/signatures.ts';

/** first, first + step, ... */
const counting = (count: number, first: number, step: number): number[] =>
  Array.from({ length: count }, (_, at) => first + at * step);

/**
 * Where tiles of queries begin and end, the end of the last one included. Of a number, tiles of `tile` and a rest. Of a name, equal parts of which none
 * is larger than a tile where the name comes so many times: 4096 places at most, written `64*columns*rows`, are 16 parts of `4*columns*rows`. A
 * device need not take an empty tile, so where a name comes less often there are fewer, larger tiles.
 */
export const tileBounds = (
  queries: Dimension,
  { tile, positions }: Pick<AttentionAttributes, 'tile' | 'positions'>,
): Dimension[] => {
  if (typeof queries === 'number')
    return [...counting(Math.max(1, Math.ceil(queries / tile)), 0, tile), queries];
  const wanted = Math.ceil(positions / tile);
  const candidates = [...counting(4 * wanted, wanted, 1), ...counting(wanted, wanted, -1)];
  const parts = candidates.find((count) => divide(queries, count)?.remainder === 0) as number;
  const part = divide(queries, parts)?.quotient as Dimension;
  return counting(parts + 1, 0, 1).map((at) => product([at, part]));
};
