import type { MetricAnswer, Verdict } from '../../../../../main/api/contract.ts';

/** A verdict as the middle of a sentence: `LoRA` better `than NoRA`. */
export interface ShortVerdict {
  verdict: Verdict;
  before: string;
  after: string;
}

const joins: Record<Verdict, string> = {
  better: 'than',
  worse: 'than',
  equivalent: 'to',
  inconclusive: 'against',
  'not comparable': 'with',
};

/** Each verdict once: with the pair, where it is of one, or with how many pairs. */
export const verdictsInShort = ({ pairs }: MetricAnswer): ShortVerdict[] => {
  const byVerdict = Map.groupBy(pairs, ({ verdict }) => verdict);
  return [...byVerdict].map(([verdict, [first, ...others]]) =>
    first === undefined || others.length > 0
      ? { verdict, before: `${others.length + 1} pairs`, after: '' }
      : { verdict, before: first.first, after: `${joins[verdict]} ${first.second}` },
  );
};
