import { signTest } from './sign-test.ts';

export const preferenceLevel = 0.05;

export interface Preference {
  /** Of an exact sign test, two-sided, over the votes for one of the two; null where there are none. */
  readonly p: number | null;
  readonly verdict: string;
}

/**
 * What so many votes for either of two say, and what they can't.
 * @param wins of the first and the second
 */
export const preferenceOf = (
  [first, second]: readonly [string, string],
  wins: readonly [number, number],
): Preference => {
  const p = signTest(...wins);
  return { p, verdict: verdictOf(wins[0] > wins[1] ? first : second, wins[0] + wins[1], p) };
};

const verdictOf = (better: string, decided: number, p: number | null): string => {
  const said = `${decided === 1 ? 'one vote' : `${decided} votes`} for one of the two`;
  if (p === null) return 'No vote for either yet.';
  if (p >= preferenceLevel) {
    const needed = fewestToDecide();
    return decided < needed
      ? `Too few to say: with ${said} even a clean sweep could be chance; it takes ${needed}.`
      : `Could be chance (p = ${p.toPrecision(2)} over ${said}).`;
  }
  return `${better} is preferred more often than chance explains (p = ${p.toPrecision(2)} over ${said}), by whoever voted, on these prompts.`;
};

/** Votes after which a clean sweep stops being chance. */
const fewestToDecide = (): number => {
  let votes = 1;
  while (signTest(votes, 0)! >= preferenceLevel) votes += 1;
  return votes;
};
