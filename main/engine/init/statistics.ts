import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { updateTriangle } from '../linear-algebra/triangle.ts';

/** What is known of a layer's inputs, or of the loss's gradient by its outputs, over all tokens that count. All in float64. */
export type StatisticName =
  | 'mean-absolute'
  | 'mean-square'
  | 'maximum'
  | 'mean'
  | 'second-moment'
  | 'triangle'
  | 'gradient-mean-square';

/** What a graph gives of one batch. */
export type BatchNumbers = Float32Array | Float64Array;

interface Statistic {
  readonly of: 'input' | 'output-gradient';
  /** Of one batch. x (n x width), its rows zero where they do not count. */
  readonly ofBatch: (g: GraphBuilder, x: Value) => Value;
  /** The same of one-hot x, from how often each input was the one (in x 1); absent where the statistic is no vector. */
  readonly ofCounts?: (g: GraphBuilder, counts: Value) => Value;
  /** The total with a batch more, in the same array where there is one; undefined before the first. */
  readonly add: (
    total: Float64Array | undefined,
    batch: BatchNumbers,
    width: number,
  ) => Float64Array | Promise<Float64Array>;
  /** From the total over `count` rows. */
  readonly finish: (total: Float64Array, count: number) => Float64Array;
}

const combined =
  (combine: (total: number, batch: number) => number): Statistic['add'] =>
  (total, batch) => {
    const sum = total ?? new Float64Array(batch.length);
    for (let at = 0; at < sum.length; at++) sum[at] = combine(sum[at]!, batch[at]!);
    return sum;
  };

const counted: Statistic['ofCounts'] = (_, counts) => counts;

const meanOf = (ofBatch: Statistic['ofBatch'], of: Statistic['of'] = 'input'): Statistic => ({
  of,
  ofBatch,
  add: combined((total, batch) => total + batch),
  finish: (total, count) => total.map((value) => value / count),
});

const square = (g: GraphBuilder, x: Value): Value => g.sum(g.multiply(x, x), [0]);

/**
 * mean |x|, mean x^2, max |x| and mean x (in each); G = mean x x^T (in x in); the triangle R (in x in) with R^T R = G, which never
 * squares what it is made of; mean of the squared gradient by the outputs (out), up to a factor.
 */
export const statistics: { readonly [S in StatisticName]: Statistic } = {
  'mean-absolute': { ...meanOf((g, x) => g.sum(g.absolute(x), [0])), ofCounts: counted },
  'mean-square': { ...meanOf(square), ofCounts: counted },
  maximum: {
    of: 'input',
    ofBatch: (g, x) => g.maximum(g.absolute(x), [0]),
    ofCounts: (g, counts) => g.minimum(counts, 1),
    add: combined(Math.max),
    finish: (total) => total,
  },
  mean: { ...meanOf((g, x) => g.sum(x, [0])), ofCounts: counted },
  'second-moment': meanOf((g, x) => g.secondMoment(x)),
  triangle: {
    of: 'input',
    ofBatch: (_, x) => x,
    add: updateTriangle,
    finish: (total, count) => total.map((value) => value / Math.sqrt(count)),
  },
  'gradient-mean-square': meanOf(square, 'output-gradient'),
};

export type LayerStatistics = Readonly<Partial<Record<StatisticName, Float64Array>>>;

/** For each module. Modules that share an input share its arrays. */
export type ActivationStatistics = ReadonlyMap<string, LayerStatistics>;

const isSquare = (name: StatisticName): boolean => name === 'second-moment' || name === 'triangle';

/** Bytes of the statistics of a layer with so many inputs. */
export const statisticBytes = (names: readonly StatisticName[], inFeatures: number): number =>
  names.reduce((sum, name) => sum + 8 * inFeatures * (isSquare(name) ? inFeatures : 1), 0);

/** Inputs that were zero throughout, where a statistic of inputs tells. */
export const deadChannels = (statistics: LayerStatistics, inFeatures: number): number => {
  const found = (Object.entries(statistics) as [StatisticName, Float64Array][]).find(
    ([name]) => name in energies,
  );
  if (!found) return 0;
  const [name, values] = found;
  return energies[name]!(values, inFeatures).filter((energy) => energy === 0).length;
};

/** How large each input was, in whatever units: zero only where it never was anything else. */
const energies: {
  readonly [S in StatisticName]?: (values: Float64Array, inFeatures: number) => Float64Array;
} = {
  'mean-absolute': (values) => values,
  'mean-square': (values) => values,
  maximum: (values) => values,
  'second-moment': (values, size) => Float64Array.from({ length: size }, (_, at) => values[at * size + at]!),
  triangle: (values, size) => {
    const sums = new Float64Array(size);
    values.forEach((value, at) => (sums[at % size]! += Math.abs(value)));
    return sums;
  },
};
