import { similarity } from './word-grams.ts';

export interface NearIndex {
  /** Which of the indexed sets are at least as similar as the threshold, with how similar they are. */
  find(grams: Float64Array): { readonly index: number; readonly similarity: number }[];
}

/** Keeps a whole number that a product of fractions should have been. */
const rounding = 1e-9;

/**
 * Finds similar sets exactly, without comparing every two: with all grams in one order, the rarest first, two sets whose Jaccard similarity
 * is at least t share a gram among the first n - ceil(t n) + 1 of each (prefix filtering: Chaudhuri, Ganti and Kaushik, 2006).
 */
export const nearIndex = (sets: readonly Float64Array[], threshold: number): NearIndex => {
  const frequency = new Map<number, number>();
  for (const set of sets) for (const gram of set) frequency.set(gram, (frequency.get(gram) ?? 0) + 1);
  const rarestFirst = (a: number, b: number): number => frequency.get(a)! - frequency.get(b)! || a - b;
  const prefixLength = (count: number): number => count - Math.ceil(threshold * count - rounding) + 1;

  const setsWith = new Map<number, number[]>();
  for (const [index, set] of sets.entries())
    for (const gram of Array.from(set).sort(rarestFirst).slice(0, prefixLength(set.length))) {
      const known = setsWith.get(gram);
      if (known === undefined) setsWith.set(gram, [index]);
      else known.push(index);
    }

  return {
    find: (grams) => {
      // A gram that no set has is the rarest of all: most texts have enough of them to be done with here.
      const known = Array.from(grams).filter((gram) => frequency.has(gram));
      const unknown = grams.length - known.length;
      const prefix = known.sort(rarestFirst).slice(0, Math.max(0, prefixLength(grams.length) - unknown));
      const candidates = new Set(prefix.flatMap((gram) => setsWith.get(gram) ?? []));
      return [...candidates].flatMap((index) => {
        const found = similarity(grams, sets[index]!);
        return found >= threshold - rounding ? [{ index, similarity: found }] : [];
      });
    },
  };
};
