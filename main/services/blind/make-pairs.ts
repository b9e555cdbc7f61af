import type { Random } from '../../engine/random.ts';
import type { BlindPairRecord } from '../../store/repositories/blind-tests.ts';
import type { ReadAnswer } from '../../trainer/protocol/read-schema.ts';

type Drawn = ReadAnswer<'drawn'>['pictures'];

export interface MadePairs {
  readonly pairs: readonly BlindPairRecord[];
  /** Pictures of either arm that have no partner. */
  readonly leftOut: number;
}

/** Pictures of one prompt and noise of both arms, in any order. Each arm stands left as often as right, or once more. */
export const makePairs = ([first, second]: readonly [Drawn, Drawn], random: Random): MadePairs => {
  const partners = new Map(second.map((picture) => [picture.key, picture]));
  const paired = first.flatMap((picture) => {
    const partner = partners.get(picture.key);
    return partner === undefined ? [] : [[picture, partner] as const];
  });
  const lefts = random.shuffle(paired.map((_, at): 0 | 1 => (at % 2 === 0 ? 0 : 1)));
  const isSwapped = random.integer(2) === 1;
  return {
    pairs: random.shuffle([...paired]).map(([one, other], at) => ({
      prompt: one.prompt,
      seed: one.seed,
      files: [
        { name: one.name, sha256: one.sha256 },
        { name: other.name, sha256: other.sha256 },
      ],
      left: isSwapped === (lefts[at] === 0) ? 1 : 0,
    })),
    leftOut: first.length + second.length - 2 * paired.length,
  };
};
