import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';

/** What is known of a layer's inputs, over all tokens that count. All in float64. */
export type StatisticName = 'mean-absolute' | 'mean-square' | 'maximum' | 'mean' | 'second-moment';

interface Statistic {
  /** Of one batch. x (n x in), its rows zero where they do not count. */
  readonly ofBatch: (g: GraphBuilder, x: Value) => Value;
  /** The same of one-hot x, from how often each input was the one (in x 1); absent where the statistic is no vector. */
  readonly ofCounts?: (g: GraphBuilder, counts: Value) => Value;
  readonly combine: (total: number, batch: number) => number;
  /** Whether the total is divided by the number of rows. */
  readonly isMean: boolean;
}

const add = (total: number, batch: number): number => total + batch;
const counted = (_: GraphBuilder, counts: Value): Value => counts;

/** mean |x|, mean x^2, max |x| and mean x (in each); mean x x^T (in x in). */
export const statistics: { readonly [S in StatisticName]: Statistic } = {
  'mean-absolute': {
    ofBatch: (g, x) => g.sum(g.absolute(x), [0]),
    ofCounts: counted,
    combine: add,
    isMean: true,
  },
  'mean-square': {
    ofBatch: (g, x) => g.sum(g.multiply(x, x), [0]),
    ofCounts: counted,
    combine: add,
    isMean: true,
  },
  maximum: {
    ofBatch: (g, x) => g.maximum(g.absolute(x), [0]),
    ofCounts: (g, counts) => g.minimum(counts, 1),
    combine: Math.max,
    isMean: false,
  },
  mean: { ofBatch: (g, x) => g.sum(x, [0]), ofCounts: counted, combine: add, isMean: true },
  'second-moment': { ofBatch: (g, x) => g.secondMoment(x), combine: add, isMean: true },
};

export type LayerStatistics = Readonly<Partial<Record<StatisticName, Float64Array>>>;

/** For each module. Modules that share an input share the arrays. */
export type ActivationStatistics = ReadonlyMap<string, LayerStatistics>;

/** Bytes of the statistics of a layer with so many inputs. */
export const statisticBytes = (names: readonly StatisticName[], inFeatures: number): number =>
  names.reduce((sum, name) => sum + 8 * inFeatures * (name === 'second-moment' ? inFeatures : 1), 0);
