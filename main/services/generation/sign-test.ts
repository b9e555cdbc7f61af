/**
 * Two-sided p-value of an exact sign test: how likely at least so uneven a split is where either side is as likely to win. Ties say
 * nothing and are left out, as in Conover, Practical Nonparametric Statistics, 3.4.
 * @returns null where nothing was decided
 */
export const signTest = (first: number, second: number): number | null => {
  const trials = first + second;
  if (trials === 0) return null;
  const fewer = Math.min(first, second);
  // Terms are C(n, k) / 2^n; in logarithms, as 2^n leaves the range of a double at 1024.
  let logTerm = -trials * Math.LN2;
  let tail = Math.exp(logTerm);
  for (let k = 1; k <= fewer; k++) {
    logTerm += Math.log((trials - k + 1) / k);
    tail += Math.exp(logTerm);
  }
  return Math.min(1, 2 * tail);
};
