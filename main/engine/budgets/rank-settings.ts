import { invalidInput } from '../errors.ts';
import { matchesEnd } from '../adapters/description/patterns.ts';
import type { ScalingDivisor } from '../adapters/description/adapter-description.ts';
import { outerRank } from '../adapters/layer/layer-adapter.ts';
import { selectTargets } from '../adapters/layer/target-modules.ts';
import { methods } from '../adapters/methods/index.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
  type AdapterSettings,
} from '../adapters/settings/adapter-settings.ts';
import type { LayerPlace } from '../models/architecture.ts';

export type RankField = 'rank' | 'outerRank' | 'innerRank';

/** A rank of an adapter that may be moved, between two whole numbers. Of a share of each matrix it is whole percents. */
export interface MovableRank {
  readonly field: RankField;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly isShare: boolean;
}

/** New numbers by field; those that are left out stay. */
export type Ranks = Partial<Record<RankField, number>>;

const mostOfSchema = 65_536;

const isNamed = (settings: AdapterSettings, { module }: LayerPlace): boolean =>
  'rankPattern' in settings && Object.keys(settings.rankPattern).some((key) => matchesEnd(key, module));

const smallerSide = ({ outFeatures, inFeatures }: LayerPlace): number => Math.min(outFeatures, inFeatures);

/** Layers whose rank is not one of `rankPattern`'s, so that it moves with the setting. */
const movedLayers = (settings: AdapterSettings, layers: readonly LayerPlace[]): LayerPlace[] =>
  selectTargets(layers, settings).filter((layer) => !isNamed(settings, layer));

/** The share in percent of a rank that is one; undefined of a number. */
const percentOf = (rank: string | number): number | undefined =>
  typeof rank === 'string' ? Number.parseFloat(rank) : undefined;

/** The smallest whole percent at which every layer's rank is at least so much. */
const leastPercent = (layers: readonly LayerPlace[], rank: number): number =>
  Math.min(99, Math.max(1, ...layers.map((layer) => Math.ceil((100 * rank) / smallerSide(layer)))));

const ofNora = (
  settings: Extract<AdapterSettings, { method: 'nora' }>,
  layers: readonly LayerPlace[],
): MovableRank[] => {
  const { outer, inner } = describeAdapter(settings);
  const moved = movedLayers(settings, layers);
  const share = percentOf(settings.outerRank);
  const hasInner = inner !== null && inner.rank !== null;
  // Only in series has the inner pair to fit between the outer one; elsewhere more than the outer rank is waste, unless it was asked for.
  const bound = Math.min(...selectTargets(layers, settings).map((layer) => outerRank(outer, layer)));
  const mostInner = inner?.structure === 'core' ? bound : Math.max(bound, settings.innerRank);
  const leastOuter = inner?.structure === 'core' ? settings.innerRank : 1;
  return [
    ...(hasInner
      ? [
          {
            field: 'innerRank',
            value: settings.innerRank,
            least: 1,
            most: mostInner,
            isShare: false,
          } as const,
        ]
      : []),
    ...(moved.length > 0
      ? [
          {
            field: 'outerRank',
            value: share ?? (settings.outerRank as number),
            least: share === undefined ? leastOuter : leastPercent(moved, leastOuter),
            most: share === undefined ? Math.min(...moved.map(smallerSide)) : 99,
            isShare: share !== undefined,
          } as const,
        ]
      : []),
  ];
};

/**
 * The ranks that settings leave free, the one that is moved first being the first: none where the weights themselves are trained, or where
 * `rankPattern` names every layer.
 */
export const movableRanks = (settings: AdapterSettings, layers: readonly LayerPlace[]): MovableRank[] => {
  if (settings.method === 'nora') return ofNora(settings, layers);
  if (!('rank' in settings)) return [];
  const moved = movedLayers(settings, layers);
  if (moved.length === 0) return [];
  // VeRA's vectors may be longer than its layers are wide.
  const most =
    methods[settings.method].rankSetting === null ? mostOfSchema : Math.min(...moved.map(smallerSide));
  return [{ field: 'rank', value: settings.rank, least: 1, most, isShare: false }];
};

/** By what alpha has to be multiplied so that alpha over its divisor stays what it was. */
const alphaRatios: { readonly [D in ScalingDivisor]: (outer: number, inner: number) => number } = {
  rank: (outer) => outer,
  'sqrt-rank': (outer) => Math.sqrt(outer),
  'inner-rank': (_, inner) => inner,
  'rank-and-epsilon': (outer) => outer,
  alpha: () => 1,
};

/** Whether the inner part has a rank of its own: a dense one has the outer pair's. */
const hasInnerRank = (settings: AdapterSettings): boolean =>
  typeof describeAdapter(settings).inner?.rank === 'number';

const rounded = (alpha: number): number => Number(alpha.toPrecision(12));

const scaledAlphas = (settings: AdapterSettings, ranks: Ranks): object => {
  if (!('alpha' in settings)) return {};
  const { scaling } = describeAdapter(settings);
  const ratioOf = (field: RankField): number => {
    const before = (settings as unknown as Readonly<Record<string, string | number>>)[field];
    const after = ranks[field];
    return before === undefined || after === undefined
      ? 1
      : after / (percentOf(before) ?? (before as number));
  };
  const outer = ratioOf('rank') * ratioOf('outerRank');
  // Without a rank of its own the inner part has the outer one's.
  const ofInner = hasInnerRank(settings) ? ratioOf('innerRank') : outer;
  const ratio = alphaRatios[scaling.divisor](outer, ofInner);
  if (ratio === 1) return {};
  const { alpha, alphaPattern, rankPattern } = settings;
  // Layers that `rankPattern` names keep their rank, and so their alpha; where the inner rank divides, it is the same for all.
  const keeps = (key: string): boolean => scaling.divisor !== 'inner-rank' && key in rankPattern;
  const kept = Object.keys(rankPattern).filter((key) => keeps(key) && !(key in alphaPattern));
  return {
    alpha: rounded(alpha * ratio),
    alphaPattern: {
      ...Object.fromEntries(
        Object.entries(alphaPattern).map(([key, value]) => [
          key,
          keeps(key) ? value : rounded(value * ratio),
        ]),
      ),
      ...Object.fromEntries(kept.map((key) => [key, alpha])),
    },
  };
};

/** AdaLoRA's rank at the end moves in proportion to the one at the beginning. */
const scaledTarget = (settings: AdapterSettings, { rank }: Ranks): object =>
  settings.method === 'adalora' && rank !== undefined
    ? { targetRank: Math.min(rank, Math.max(1, Math.round((settings.targetRank * rank) / settings.rank))) }
    : {};

/** Settings with other ranks, and with alpha so that the scaling stays: a change of rank is not to be one of the scaling too. */
export const withRanks = (settings: AdapterSettings, ranks: Ranks): AdapterSettings => {
  const written = Object.entries(ranks).map(([field, rank]) => [
    field,
    field === 'outerRank' && settings.method === 'nora' && typeof settings.outerRank === 'string'
      ? `${rank}%`
      : rank,
  ]);
  return adapterSettingsSchema.parse({
    ...settings,
    ...scaledAlphas(settings, ranks),
    ...scaledTarget(settings, ranks),
    ...(Object.fromEntries(written) as object),
  });
};

/** Why no rank changes a method's size. @throws invalid-input by the method's name */
export const refuseUnmovable = (settings: AdapterSettings): never => {
  const { title } = methods[settings.method];
  if (settings.method === 'full')
    throw invalidInput(`${title} trains every weight of the model: it has no rank that could be matched`);
  throw invalidInput(
    `${title}: rankPattern names every layer that it sits on, so no rank is left to be matched`,
  );
};

const names: Readonly<Record<RankField, string>> = {
  rank: 'rank',
  outerRank: 'outer rank',
  innerRank: 'inner rank',
};

/** `rank 12`; `outer rank 128, inner rank 9`. */
export const ranksText = (settings: AdapterSettings): string => {
  const values = settings as unknown as Readonly<Record<string, string | number | undefined>>;
  const hasInner = hasInnerRank(settings);
  return (Object.keys(names) as RankField[])
    .filter((field) => values[field] !== undefined && (field !== 'innerRank' || hasInner))
    .map((field) => `${names[field]} ${values[field]}`)
    .join(', ');
};
