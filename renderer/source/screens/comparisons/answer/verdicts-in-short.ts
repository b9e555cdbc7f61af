import type { MetricAnswer, Verdict } from '../../../../../main/api/contract.ts';

/** Each verdict with what it is of: the pair, where it is the only one, or how many pairs. */
export const verdictsInShort = ({ pairs }: MetricAnswer): { verdict: Verdict; text: string }[] => {
  const byVerdict = Map.groupBy(pairs, ({ verdict }) => verdict);
  return [...byVerdict].map(([verdict, those]) => ({
    verdict,
    text: those.length === 1 ? `${those[0]!.first} / ${those[0]!.second}` : `${those.length} pairs`,
  }));
};
