import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

interface Grids {
  /** Patches of a side that there are positions for. */
  readonly from: number;
  /** Patches of a side that there are. */
  readonly to: number;
  readonly width: number;
}

/** Cubic convolution (Keys 1981) with PyTorch's a. */
const a = -0.75;
const near = (x: number): number => ((a + 2) * x - (a + 3)) * x * x + 1;
const far = (x: number): number => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;

/** What each of `to` places takes of `from` ones, (to x from): middles of pixels meet, ends are repeated, nothing is smoothed first. */
const bicubicMatrix = (from: number, to: number): Float32Array => {
  const matrix = new Float32Array(to * from);
  for (let place = 0; place < to; place++) {
    const at = (place + 0.5) * (from / to) - 0.5;
    const first = Math.floor(at);
    const rest = at - first;
    const shares = [far(rest + 1), near(rest), near(1 - rest), far(2 - rest)];
    for (const [step, share] of shares.entries()) {
      const source = Math.min(from - 1, Math.max(0, first - 1 + step));
      matrix[place * from + source]! += share;
    }
  }
  return matrix;
};

/**
 * Positions of a square grid of patches for one of another size, as torch's bicubic interpolation makes them; the class token keeps its own.
 * places (1 x from * from + 1 x width) to (1 x to * to + 1 x width)
 */
export const interpolatedPositions = (g: GraphBuilder, places: Value, { from, to, width }: Grids): Value => {
  const matrix = g.constant(`bicubic:${from}:${to}`, [to, from], bicubicMatrix(from, to));
  const alongFirst = (grid: Value, across: number): Value =>
    g.reshape(g.matmul(matrix, g.reshape(grid, [from, across * width])), [to, across, width]);
  const grid = g.slice(places, 1, 1, from ** 2 + 1);
  const rows = alongFirst(grid, from);
  const columns = alongFirst(g.transpose(rows, [1, 0, 2]), to);
  const patches = g.reshape(g.transpose(columns, [1, 0, 2]), [1, to ** 2, width]);
  return g.concatenate([g.slice(places, 1, 0, 1), patches], 1);
};
