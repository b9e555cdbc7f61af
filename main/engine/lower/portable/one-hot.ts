import type { Dimension } from '../../graph/dimension.ts';
import type { LoweringContext } from '../rule.ts';

/** 1 where the column is the one that the row's index names, (n x width) as booleans. */
export const oneHot = (
  { emit, classes }: Pick<LoweringContext<never>, 'emit' | 'classes'>,
  width: Dimension,
  column: string,
): string => emit('Equal', [classes(width), column]);
