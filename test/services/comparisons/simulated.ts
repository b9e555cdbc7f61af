import { createRandom } from '../../../main/engine/random.ts';
import type { ComparisonDataInput } from '../../../main/services/comparisons/answer/comparison-data.ts';

/**
 * A made-up comparison of two arms. Each item has a difficulty, each arm its own view of each item, each run of an arm its own luck, each answer
 * noise of variance 1:
 *
 *   z[arm, seed, item] = difficulty[item] + view[arm, item] + luck[arm, seed] + noise[arm, seed, item] (+ effect, of the first arm)
 *
 * The score is z itself, or whether z is positive. Without an effect the arms are the same in the mean over all items and seeds that could be
 * drawn, and not in those that were.
 */
export interface Scenario {
  readonly name: string;
  readonly kind: 'continuous' | 'right or wrong';
  readonly seeds: number;
  readonly items: number;
  /** Standard deviations. */
  readonly view: number;
  readonly luck: number;
  readonly effect: number;
  /** Whether the arms have the same seeds. */
  readonly paired: boolean;
  /** Whether items are kept, or only the score of each run. */
  readonly byItems: boolean;
}

export const simulatedComparison = (scenario: Scenario, draw: number): ComparisonDataInput => {
  const { kind, seeds, items, view, luck, effect, paired, byItems } = scenario;
  const random = createRandom(draw, scenario.seeds + 1000 * scenario.items);
  const difficulty = Array.from({ length: items }, () => 0.4 + 1.5 * random.normal());
  const runs = ['first', 'second'].flatMap((arm, index) => {
    const views = difficulty.map((own) => own + view * random.normal());
    return Array.from({ length: seeds }, (_, seed) => {
      const own = luck * random.normal() + (index === 0 ? effect : 0);
      const values = views.map((each) => each + own + random.normal());
      const scored = kind === 'continuous' ? values : values.map((value) => (value > 0 ? 1 : 0));
      const score = scored.reduce((sum, value) => sum + value, 0) / items;
      return {
        arm,
        seed: paired ? seed : seed + 100 * index,
        runId: `${arm}-${seed}`,
        score: byItems ? null : score,
        items: byItems ? scored : null,
        problem: null,
      };
    });
  });
  return {
    arms: [
      { name: 'first', method: 'nora' },
      { name: 'second', method: 'lora' },
    ],
    seeds: [...new Set(runs.map(({ seed }) => seed))],
    level: 0.05,
    metrics: [
      {
        task: 'simulated',
        metric: 'score',
        label: 'score',
        unit: kind === 'continuous' ? 'number' : 'share',
        better: 'higher',
        paired: byItems,
        chance: null,
        margin: null,
        itemIds: difficulty.map((_, item) => item),
        weights: difficulty.map(() => 1),
        base: null,
        runs,
      },
    ],
    costs: [],
  };
};

const usual = { items: 200, view: 0.5, paired: true, byItems: true };

const named = (scenario: Omit<Scenario, 'name'>): Scenario => {
  const { kind, seeds, luck, paired, byItems, effect } = scenario;
  const parts = [
    `${seeds} seeds`,
    kind,
    luck === 0 ? 'no seed effect' : 'seed effect',
    byItems ? '' : 'one number a run',
    paired ? '' : 'unpaired',
    effect === 0 ? '' : `effect ${effect}`,
  ];
  return { ...scenario, name: parts.filter((part) => part !== '').join(', ') };
};

export const nullScenarios: readonly Scenario[] = [
  ...[3, 5].flatMap((seeds) =>
    (['right or wrong', 'continuous'] as const).flatMap((kind) =>
      [0, 0.2].map((luck) => named({ ...usual, seeds, kind, luck, effect: 0 })),
    ),
  ),
  named({ ...usual, seeds: 3, kind: 'right or wrong', luck: 0.2, effect: 0, paired: false }),
  named({ ...usual, seeds: 3, kind: 'continuous', luck: 0.2, effect: 0, byItems: false }),
];

export const effectScenarios: readonly Scenario[] = [
  named({ ...usual, seeds: 3, kind: 'continuous', luck: 0.2, effect: 0.7 }),
  named({ ...usual, seeds: 5, kind: 'continuous', luck: 0.2, effect: 0.35 }),
  named({ ...usual, seeds: 5, kind: 'continuous', luck: 0, effect: 0.2 }),
  named({ ...usual, seeds: 5, kind: 'right or wrong', luck: 0.2, effect: 0.5 }),
];
