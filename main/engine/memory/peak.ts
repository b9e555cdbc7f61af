import type { Allocation } from './plan-run.ts';

/** The most that a run has allocated at a time, bytes. What it returns stays allocated until it ends. */
export const peakOf = (allocations: readonly Allocation[]): number => {
  const taken = new Map<number, number>();
  const givenBack = new Map<number, number>();
  const add = (map: Map<number, number>, step: number, bytes: number): void =>
    void map.set(step, (map.get(step) ?? 0) + bytes);
  for (const { bytes, from, to } of allocations) {
    add(taken, from, bytes);
    add(givenBack, to, bytes);
  }
  let [live, peak] = [0, 0];
  for (const step of [...new Set([...taken.keys(), ...givenBack.keys()])].sort((a, b) => a - b)) {
    live += taken.get(step) ?? 0;
    peak = Math.max(peak, live);
    live -= givenBack.get(step) ?? 0;
  }
  return peak;
};
