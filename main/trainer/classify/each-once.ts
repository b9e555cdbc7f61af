import type { ComparedPart } from '../../engine/scoring/pictures/compared-part.ts';
import type { TowerScorer } from '../../engine/scoring/pictures/tower-scorer.ts';

/**
 * Computes something of a part of each arm once. Arms that leave the part as it is in the base share it.
 * @param known by arm, filled here
 */
export const eachOnce = <Result>(
  { isBase }: Pick<TowerScorer, 'isBase'>,
  part: ComparedPart,
  compute: (arm: number) => Promise<Result>,
  known = new Map<number, Result>(),
): ((arm: number) => Promise<Result>) => {
  return async (arm) => {
    const key = isBase(arm, part) ? -1 : arm;
    const there = known.get(key);
    if (there !== undefined) return there;
    const made = await compute(arm);
    known.set(key, made);
    return made;
  };
};
