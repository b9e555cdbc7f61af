import { scoreEntry } from '../../../main/api/contract.ts';
import type { ComparisonDataInput } from '../../../main/services/comparisons/answer/comparison-data.ts';

/** What a comparison may have measured: made up, the same each time, and answered by the workbench's own statistics. */

/** Numbers in [0, 1) that look random (mulberry32). */
export const createDraws = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export interface FakeArm {
  name: string;
  method: string;
  /** Share of items that it gets right, on average. */
  skill: number;
  loss: number;
  parameters: number;
}

export interface FakeStudy {
  arms: FakeArm[];
  seeds: number[];
  items: number;
  baseSkill: number;
  /** Seeds of arms that have nothing to show, and why: by `arm seed`. */
  problems?: Readonly<Record<string, string>>;
  margin?: number | null;
  tuned?: boolean;
  /** Classes of a second task, which a classifier is scored on; none unless told otherwise. */
  classes?: readonly string[];
  /** Whether its arms draw: each item is a picture, or a draw of noise. */
  draws?: boolean;
  /** Of pictures: how many of each class are trained on; none unless told otherwise. */
  shots?: readonly number[];
}

export const rates = [5e-5, 1e-4, 2e-4, 5e-4, 1e-3];

/** Items differ in how hard they are, for all alike: that is what makes pairing them worth while. */
const difficulties = (count: number): number[] => {
  const draw = createDraws(7);
  return Array.from({ length: count }, () => draw() - 0.5);
};

const runIdOf = (arm: number, seed: number): string => `comparison-run-${arm + 1}-${seed}`;

/** F1 of texts by their classes, ten of each, most of them right. */
const classified = (
  { arms, seeds }: FakeStudy,
  classes: readonly string[],
): ComparisonDataInput['metrics'][number] => ({
  ...{ task: 'topics', metric: 'f1', label: 'F1', unit: 'share', better: 'higher', paired: true },
  ...{ chance: null, margin: null, itemIds: [], weights: [], base: null, baseScore: 0.3 },
  runs: arms.flatMap(({ name, skill }, index) =>
    seeds.map((seed) => ({
      ...{ arm: name, seed, runId: runIdOf(index, seed), items: null, problem: null },
      score: skill + 0.3,
    })),
  ),
  confusions: {
    classes: [...classes],
    subjects: [null, ...arms.map(({ name }) => name)].map((arm, subject) => ({
      arm,
      runs: arm === null ? 1 : seeds.length,
      counts: classes.map((_, right) =>
        classes.map((__, said) =>
          right === said ? 6 + subject : (right + said + subject) % classes.length === 0 ? 4 - subject : 0,
        ),
      ),
    })),
  },
});

/** What a task of drawn pictures tells of who measures them. */
export const seenBy = '"clip-large" is not in the library, so nothing was measured by it';

type PerRun = (
  items: (arm: FakeArm, seed: number) => number[],
) => ComparisonDataInput['metrics'][number]['runs'];

/** What those who see pictures say of each, and denoising losses with their quarters. */
const drawnMetrics = ({ items, baseSkill }: FakeStudy, perRun: PerRun): ComparisonDataInput['metrics'] => {
  const around = (middle: number, seed: number, spread = 0.04): number[] => {
    const draw = createDraws(seed);
    const luck = 0.01 * (draw() - 0.5);
    return Array.from({ length: items }, () => middle + luck + spread * (draw() - 0.5));
  };
  const metric = (
    entry: ReturnType<typeof scoreEntry>,
    task: string,
    of: (arm: FakeArm | null) => number,
  ): ComparisonDataInput['metrics'][number] => ({
    ...{ task, metric: entry.name, label: entry.label, unit: entry.unit, better: entry.better, paired: true },
    ...{ chance: null, margin: null, itemIds: Array.from({ length: items }, (_, item) => item) },
    weights: new Array<number>(items).fill(1),
    base: around(of(null), 9999, entry.unit === 'loss' ? 0.01 : 0.04),
    runs: perRun((arm, seed) => around(of(arm), seed, entry.unit === 'loss' ? 0.01 : 0.04)),
    caveats: entry.ofItems === undefined ? [] : [entry.ofItems, ...(task === 'pictures' ? [seenBy] : [])],
  });
  const loss = (arm: FakeArm | null): number => 0.12 - (arm === null ? 0 : 0.03 * arm.skill);
  const quarters = [0.3, 0.1, 0.05, 0.02];
  return [
    metric(scoreEntry('denoising_loss'), 'held-out', loss),
    ...quarters.map((level, at) =>
      metric(
        scoreEntry(`denoising_loss_quarter_${(at + 1) as 1 | 2 | 3 | 4}`),
        'held-out',
        (arm) => level + loss(arm) - 0.12,
      ),
    ),
    metric(scoreEntry('dino'), 'pictures', (arm) => (arm === null ? baseSkill : arm.skill)),
    metric(scoreEntry('clip_i'), 'pictures', (arm) => (arm === null ? baseSkill : arm.skill) + 0.2),
    metric(scoreEntry('clip_t'), 'pictures', (arm) => (arm === null ? 0.31 : 0.3)),
  ];
};

export const fakeComparisonData = (study: FakeStudy): ComparisonDataInput => {
  const { arms, seeds, items, baseSkill, problems = {}, margin = null, tuned = true, classes = [] } = study;
  const hardness = difficulties(items);
  const itemIds = hardness.map((_, item) => item);
  const answered = (skill: number, seed: number): number[] => {
    const draw = createDraws(seed);
    const luck = 0.02 * (draw() - 0.5);
    return hardness.map((hard) => (draw() < skill + luck - 0.7 * hard ? 1 : 0));
  };
  const losses = (loss: number, seed: number): number[] => {
    const draw = createDraws(seed + 500);
    const luck = 0.01 * (draw() - 0.5);
    return hardness.map((hard) => Math.max(0.01, loss + luck + 0.6 * hard + 0.1 * (draw() - 0.5)));
  };
  const perRun = (items: (arm: FakeArm, seed: number) => number[]) =>
    arms.flatMap((arm, index) =>
      seeds.map((seed) => {
        const problem = problems[`${arm.name} ${seed}`] ?? null;
        return {
          arm: arm.name,
          seed,
          runId: runIdOf(index, seed),
          items: problem === null ? items(arm, 100 * index + seed + 1) : null,
          problem,
        };
      }),
    );
  return {
    arms: arms.map(({ name, method }) => ({ name, method })),
    seeds,
    metrics: study.draws
      ? drawnMetrics(study, perRun)
      : [
          {
            task: 'ARC-Easy',
            metric: 'accuracy',
            label: 'accuracy',
            unit: 'share',
            better: 'higher',
            paired: true,
            chance: 0.25,
            margin,
            itemIds,
            weights: itemIds.map(() => 1),
            base: answered(baseSkill, 9999),
            runs: perRun(({ skill }, seed) => answered(skill, seed)),
          },
          {
            task: 'held-out',
            metric: 'loss',
            label: 'loss per token',
            unit: 'loss',
            better: 'lower',
            paired: true,
            chance: null,
            margin: null,
            itemIds,
            weights: itemIds.map((item) => 20 + (item % 30)),
            base: losses(2.72, 9998),
            runs: perRun(({ loss }, seed) => losses(loss, seed)),
          },
          ...(classes.length === 0 ? [] : [classified(study, classes)]),
        ],
    costs: arms.flatMap(({ name, parameters }, index) =>
      seeds
        .filter((seed) => problems[`${name} ${seed}`] === undefined)
        .map((seed) => ({
          arm: name,
          seed,
          runId: runIdOf(index, seed),
          values: {
            'run/trained_parameters': parameters,
            'train/step_seconds': 0.21 + 0.02 * index + 0.004 * createDraws(seed + index)(),
            'run/initialisation_seconds': index === 0 ? 0.01 : 1.94 + 0.1 * createDraws(seed)(),
            'run/peak_memory_bytes': 412e6 + 9e6 * index + 1e6 * seed,
          },
        })),
    ),
    costMeasures: [
      { name: 'run/trained_parameters', label: 'trained parameters', unit: 'count', better: 'lower' },
      { name: 'train/step_seconds', label: 'seconds per step', unit: 'seconds', better: 'lower' },
      {
        name: 'run/initialisation_seconds',
        label: 'initialisation, seconds',
        unit: 'seconds',
        better: 'lower',
      },
      { name: 'run/peak_memory_bytes', label: 'peak memory', unit: 'bytes', better: 'lower' },
    ],
    curves: [
      {
        metric: 'validation/loss',
        label: 'held-out loss',
        unit: 'loss',
        runs: arms.flatMap(({ name, loss }, index) =>
          seeds
            .filter((seed) => problems[`${name} ${seed}`] === undefined)
            .map((seed) => {
              const draw = createDraws(seed * 31 + index);
              return {
                arm: name,
                seed,
                runId: runIdOf(index, seed),
                points: Array.from({ length: 11 }, (_, at) => ({
                  step: 20 * at,
                  value:
                    loss +
                    (2.72 - loss) * Math.exp(-at / (2 + index)) +
                    (at === 0 ? 0 : 0.06 * (draw() - 0.5)),
                })),
              };
            }),
        ),
      },
    ],
    tuning: tuned
      ? [
          {
            setting: 'learningRate',
            label: 'learning rate',
            metric: 'validation/loss',
            metricLabel: 'loss on the rows to tune by',
            unit: 'loss',
            better: 'lower',
            trials: arms.flatMap(({ name, loss }, index) =>
              rates.map((value, at) => ({
                arm: name,
                value,
                seed: 0,
                runId: `comparison-trial-${index + 1}-${at}`,
                score: loss + 0.05 * (at - 2 - index) ** 2,
                problem: null,
              })),
            ),
          },
        ]
      : [],
  };
};
