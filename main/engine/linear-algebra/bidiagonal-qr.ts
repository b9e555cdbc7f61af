import type { Matrix } from './matrix.ts';

/** One chase of the bulge down rows first..last of B: its rotations as (cosine, sine) of the right and of the left side. */
type Sweep = { readonly first: number; readonly rotations: Float64Array };

/** B = X diag(values) Y^T, with X and Y as the rotations that lead there. Values are in no order and may be negative. */
export type BidiagonalSvd = { readonly values: Float64Array; readonly sweeps: readonly Sweep[] };

const right = 0;
const left = 2;

/**
 * Implicit QR on an upper bidiagonal matrix (Golub and Kahan; Golub and Van Loan, Matrix Computations, 8.6.3), overwriting both
 * diagonals. Values are exact to rounding relative to the largest.
 *
 * It records its rotations instead of accumulating them: replayed backwards onto the wanted columns alone they cost
 * 6 r operations each and not 6 n.
 */
export const bidiagonalSvd = (diagonal: Float64Array, superdiagonal: Float64Array): BidiagonalSvd => {
  let norm = 0;
  for (const entry of diagonal) norm = Math.max(norm, Math.abs(entry));
  for (const entry of superdiagonal) norm = Math.max(norm, Math.abs(entry));
  const negligible = Number.EPSILON * norm;

  const sweeps: Sweep[] = [];
  const most = 30 * diagonal.length; // two per value are usual
  let last = diagonal.length - 1;
  while (last > 0) {
    if (Math.abs(superdiagonal[last - 1]!) <= negligible) {
      last--;
      continue;
    }
    let first = last - 1;
    while (first > 0 && Math.abs(superdiagonal[first - 1]!) > negligible) first--;
    if (sweeps.length === most) throw new Error(`bidiagonal QR: no convergence after ${most} sweeps`);
    sweeps.push(
      chase(
        diagonal,
        superdiagonal,
        first,
        last,
        chooseShift(diagonal, superdiagonal, first, last, negligible),
      ),
    );
  }
  return { values: diagonal, sweeps };
};

/** Turns the columns E of `target` (n x r) into X E (`side` left) or Y E (right), in place. */
export const replayRotations = (
  { sweeps }: BidiagonalSvd,
  side: 'left' | 'right',
  target: Matrix<Float64Array>,
): void => {
  const { columns, data } = target;
  const offset = side === 'left' ? left : right;
  for (let sweep = sweeps.length - 1; sweep >= 0; sweep--) {
    const { first, rotations } = sweeps[sweep]!;
    for (let at = rotations.length - 4; at >= 0; at -= 4) {
      const cosine = rotations[at + offset]!;
      const sine = rotations[at + offset + 1]!;
      const upper = (first + at / 4) * columns;
      const lower = upper + columns;
      for (let j = 0; j < columns; j++) {
        const x = data[upper + j]!;
        const y = data[lower + j]!;
        data[upper + j] = cosine * x - sine * y;
        data[lower + j] = sine * x + cosine * y;
      }
    }
  }
};

/**
 * The singular value of the trailing 2 x 2 block nearer to zero: with it the last superdiagonal entry vanishes cubically.
 * With a (nearly) zero diagonal entry in the block, no shift: such a sweep moves the zero to the end and splits it off.
 */
const chooseShift = (
  d: Float64Array,
  e: Float64Array,
  first: number,
  last: number,
  negligible: number,
): number => {
  for (let i = first; i <= last; i++) if (Math.abs(d[i]!) <= negligible) return 0;
  const [a, b, c] = [d[last - 1]!, e[last - 1]!, d[last]!];
  // sigma_max sigma_min = |a c| and sigma_max +- sigma_min = hypot(|a| +- |c|, b)
  const largest = (Math.hypot(Math.abs(a) + Math.abs(c), b) + Math.hypot(Math.abs(a) - Math.abs(c), b)) / 2;
  return Math.abs(a) * (Math.abs(c) / largest);
};

/** One QR sweep with the given shift over the unreduced block first..last, in place. */
const chase = (d: Float64Array, e: Float64Array, first: number, last: number, shift: number): Sweep => {
  const rotations = new Float64Array(4 * (last - first));
  const top = d[first]!;
  let f = shift === 0 ? top : (Math.abs(top) - shift) * (Math.sign(top) + shift / top);
  let g = e[first]!;
  for (let i = first, at = 0; i < last; i++, at += 4) {
    const rightRadius = rotate(f, g, rotations, at + right);
    const rightCosine = rotations[at + right]!;
    const rightSine = rotations[at + right + 1]!;
    if (i > first) e[i - 1] = rightRadius;
    f = rightCosine * d[i]! + rightSine * e[i]!;
    e[i] = rightCosine * e[i]! - rightSine * d[i]!;
    g = rightSine * d[i + 1]!;
    d[i + 1]! *= rightCosine;

    d[i] = rotate(f, g, rotations, at + left);
    const leftCosine = rotations[at + left]!;
    const leftSine = rotations[at + left + 1]!;
    f = leftCosine * e[i]! + leftSine * d[i + 1]!;
    d[i + 1] = leftCosine * d[i + 1]! - leftSine * e[i]!;
    if (i === last - 1) break;
    g = leftSine * e[i + 1]!;
    e[i + 1]! *= leftCosine;
  }
  e[last - 1] = f;
  return { first, rotations };
};

/** Writes the cosine and sine that turn (f, g) into (radius, 0) to `rotations[at..]`, returns the radius. */
const rotate = (f: number, g: number, rotations: Float64Array, at: number): number => {
  const radius = Math.hypot(f, g);
  rotations[at] = radius === 0 ? 1 : f / radius;
  rotations[at + 1] = radius === 0 ? 0 : g / radius;
  return radius;
};
