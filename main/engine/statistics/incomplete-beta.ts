import { logBeta } from './gamma.ts';

/**
 * The regularised incomplete beta function I_x(a, b), with 1 - x given beside x since either may be too small to follow from the other.
 * By the continued fraction of DLMF 8.17.22, evaluated with Lentz's method, on the side where it converges quickly; near 0 by a series (8.17.7 after 15.8.1), whose terms all have one sign
 * where the fraction would subtract nearly equal ones.
 */
export const incompleteBeta = (x: number, rest: number, a: number, b: number): number => {
  if (x <= 0) return 0;
  if (rest <= 0) return 1;
  const nearZero = (distance: number): boolean => distance < 0.5 && (a + b) * distance < 3;
  if (nearZero(x)) return (powers(x, rest, a, b) / a) * series(x, a, b);
  if (nearZero(rest) || x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(rest, x, b, a);
  return (powers(x, rest, a, b) / a) * continuedFraction(x, a, b);
};

/** x^a (1 - x)^b over the beta function of a and b. */
const powers = (x: number, rest: number, a: number, b: number): number => {
  const logX = x > 0.5 ? Math.log1p(-rest) : Math.log(x);
  const logRest = x > 0.5 ? Math.log(rest) : Math.log1p(-x);
  return Math.exp(a * logX + b * logRest - logBeta(a, b));
};

/** 1 + (a+b)/(a+1) x + (a+b)(a+b+1)/((a+1)(a+2)) x^2 + ... */
const series = (x: number, a: number, b: number): number => {
  let [term, sum] = [1, 1];
  for (let n = 0; term > 1e-17 * sum; n++) {
    term *= ((a + b + n) / (a + 1 + n)) * x;
    sum += term;
  }
  return sum;
};

const continuedFraction = (x: number, a: number, b: number): number => {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    result *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    result *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return result;
};
