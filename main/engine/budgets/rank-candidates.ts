import type { AdapterSettings } from '../adapters/settings/adapter-settings.ts';
import type { LayerPlace } from '../models/architecture.ts';
import type { RankCandidate } from './budget-schema.ts';
import { nearestWhole } from './nearest-rank.ts';
import { movableRanks, ranksText, withRanks, type MovableRank, type Ranks } from './rank-settings.ts';

export interface SearchOptions {
  readonly settings: AdapterSettings;
  readonly layers: readonly LayerPlace[];
  /** What settings have of the measure. It does not fall as a rank grows. */
  readonly valueOf: (settings: AdapterSettings) => number;
  readonly target: number;
  readonly tolerance: number;
  /** Whether the measure is counted in no time, so that every outer rank can be tried, or asks for graphs to be built. */
  readonly isQuick: boolean;
}

/** A candidate, and how far the rank that is rather kept has moved: the logarithm of its ratio. */
interface Found extends RankCandidate {
  readonly moved: number;
}

const found = ({ valueOf, target }: SearchOptions, adapter: AdapterSettings, moved: number): Found => {
  const value = valueOf(adapter);
  return { adapter, text: ranksText(adapter), value, deviation: value / target - 1, moved };
};

const alongOne = (
  { valueOf, target }: SearchOptions,
  settings: AdapterSettings,
  { field, least, most }: MovableRank,
): AdapterSettings => {
  const known = new Map<number, number>();
  const at = (rank: number): AdapterSettings => withRanks(settings, { [field]: rank });
  const value = (rank: number): number => {
    if (!known.has(rank)) known.set(rank, valueOf(at(rank)));
    return known.get(rank)!;
  };
  return at(nearestWhole(value, target, least, most));
};

const distance = (rank: number, from: number): number => Math.abs(Math.log(rank / from));

/** With the outer rank at a number, the inner one that comes nearest. */
const atOuter = (options: SearchOptions, outer: MovableRank, rank: number): Found => {
  const { settings, layers } = options;
  // Small enough to fit; the search sets it.
  const start: Ranks = rank === outer.value ? {} : { outerRank: rank, innerRank: 1 };
  const placed = withRanks(settings, start);
  const inner = movableRanks(placed, layers).find(({ field }) => field === 'innerRank') as MovableRank;
  const nearest = alongOne(options, placed, inner);
  // From the settings as they were asked for, so that alpha follows the ranks in one step.
  const { innerRank } = nearest as Extract<AdapterSettings, { method: 'nora' }>;
  return found(options, withRanks(settings, { outerRank: rank, innerRank }), distance(rank, outer.value));
};

const isNear = ({ tolerance }: SearchOptions, { deviation }: RankCandidate): boolean =>
  Math.abs(deviation) <= tolerance;

/** All outer ranks from the one asked for outwards, until one is near enough: it is then the one that changes least. */
const outwards = (options: SearchOptions, outer: MovableRank): Found[] => {
  const least = outer.isShare ? outer.least : 1;
  const ranks = Array.from({ length: outer.most - least + 1 }, (_, at) => least + at).toSorted(
    (a, b) => distance(a, outer.value) - distance(b, outer.value),
  );
  const tried: Found[] = [];
  for (const rank of ranks) {
    const candidate = atOuter(options, outer, rank);
    tried.push(candidate);
    if (isNear(options, candidate)) break;
  }
  return tried;
};

const byNearness = (a: Found, b: Found): number =>
  Math.abs(a.deviation) - Math.abs(b.deviation) || a.moved - b.moved;

/** Those that no other beats in both: nearer only by moving further. The nearest first. */
const undominated = (all: readonly Found[]): Found[] => {
  const kept: Found[] = [];
  for (const one of all.toSorted(byNearness))
    if (kept.every(({ moved }) => one.moved < moved)) kept.push(one);
  return kept;
};

const mostCandidates = 8;

/**
 * Ways to come near the target, the proposal first: of one rank its nearest number. Of two, the outer rank is kept and the inner one
 * moved; where that does not come near enough, both are, the outer one as little as it takes.
 */
export const rankCandidates = (options: SearchOptions): RankCandidate[] => {
  const ranks = movableRanks(options.settings, options.layers);
  const [first, second] = ranks;
  if (first === undefined) return [];
  const tried: Found[] =
    second === undefined
      ? [found(options, alongOne(options, options.settings, first), 0)]
      : [atOuter(options, second, second.value)];
  if (second !== undefined && !isNear(options, tried[0]!))
    tried.push(...(options.isQuick ? outwards(options, second) : [outerAlone(options, second)]));
  const kept = undominated(tried);
  const near = kept.filter((one) => isNear(options, one)).toSorted((a, b) => a.moved - b.moved);
  const proposal = near[0] ?? kept[0]!;
  return [proposal, ...kept.filter((one) => one !== proposal)]
    .slice(0, mostCandidates)
    .map(({ adapter, text, value, deviation }) => ({ adapter, text, value, deviation }));
};

const outerAlone = (options: SearchOptions, outer: MovableRank): Found => {
  const adapter = alongOne(options, options.settings, outer);
  const { outerRank } = adapter as Extract<AdapterSettings, { method: 'nora' }>;
  return found(options, adapter, distance(Number.parseFloat(String(outerRank)), outer.value));
};
