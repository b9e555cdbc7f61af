import type { ComparisonDataInput } from '../../../main/services/comparisons/answer/comparison-data.ts';
import type { ConfusionCell, ItemsPage } from '../../../main/api/contract.ts';
import { createDraws, type FakeStudy } from './fake-comparison-data.ts';

/** What a comparison on pictures over shots may have measured: the more shots, the more of the pictures are right, those of some classes less so. */

const itemsOfClass = 10;

/** What a subject takes a picture for: of the class beside its own, where it is wrong. */
const said = (label: number, isRight: boolean, classes: number): number =>
  isRight ? label : (label + 1) % classes;

interface Subject {
  readonly arm: string | null;
  readonly seed: number | null;
  readonly shots: number | null;
  /** Of each item, whether it is right. */
  readonly right: readonly number[];
}

const subjectsOf = ({ arms, seeds, baseSkill, classes = [], shots = [] }: FakeStudy): Subject[] => {
  const answered = (skill: number, seed: number): number[] => {
    const draw = createDraws(seed);
    return classes.flatMap((_, label) =>
      Array.from({ length: itemsOfClass }, () => (draw() < skill - 0.04 * (label % 5) ? 1 : 0)),
    );
  };
  return [
    { arm: null, seed: null, shots: null, right: answered(baseSkill, 1) },
    ...shots.flatMap((count, at) =>
      arms.flatMap(({ name, skill }, arm) =>
        seeds.map((seed) => ({
          ...{ arm: name, seed, shots: count },
          right: answered(skill + 0.12 * at, 1000 * (at + 1) + 100 * arm + seed),
        })),
      ),
    ),
  ];
};

export const fakeShotsData = (study: FakeStudy): ComparisonDataInput => {
  const { arms, seeds, classes = [], shots = [] } = study;
  const subjects = subjectsOf(study);
  const [base, ...trained] = subjects;
  const itemIds = base!.right.map((_, item) => item);
  const countsOf = (those: readonly Subject[]): number[][] => {
    const counts = classes.map(() => classes.map(() => 0));
    for (const { right } of those)
      right.forEach((isRight, item) => {
        const label = Math.floor(item / itemsOfClass);
        counts[label]![said(label, isRight === 1, classes.length)]! += 1;
      });
    return counts;
  };
  return {
    arms: arms.map(({ name, method }) => ({ name, method })),
    seeds,
    metrics: shots.map((count) => ({
      ...{ task: 'held-out', metric: 'accuracy', shots: count, label: 'accuracy', unit: 'share' },
      ...{ better: 'higher', paired: true, chance: 1 / classes.length, margin: null, itemIds },
      weights: itemIds.map(() => 1),
      base: [...base!.right],
      runs: trained
        .filter((one) => one.shots === count)
        .map(({ arm, seed, right }) => ({
          ...{ arm: arm!, seed: seed!, runId: `${arm!}-${count}-${seed!}`, problem: null },
          items: [...right],
        })),
      confusions: {
        classes: [...classes],
        subjects: [
          { arm: null, runs: 1, counts: countsOf([base!]) },
          ...arms.map(({ name }) => ({
            arm: name,
            runs: seeds.length,
            counts: countsOf(trained.filter(({ arm, shots: own }) => arm === name && own === count)),
          })),
        ],
      },
    })),
    costs: shots.flatMap((count) =>
      arms.flatMap(({ name, parameters }) =>
        seeds.map((seed) => ({
          ...{ arm: name, shots: count, seed, runId: `${name}-${count}-${seed}` },
          values: { 'run/trained_parameters': parameters },
        })),
      ),
    ),
    costMeasures: [
      { name: 'run/trained_parameters', label: 'trained parameters', unit: 'count', better: 'lower' },
    ],
  };
};

/** What each subject took each picture for. */
export const fakeShotItems = (study: FakeStudy, cell: ConfusionCell | null): ItemsPage['items'] => {
  const { classes = [] } = study;
  const subjects = subjectsOf(study);
  const items = subjects[0]!.right.map((_, item) => {
    const label = Math.floor(item / itemsOfClass);
    return {
      item,
      prompt: `test/${classes[label]!}/${item}.png`,
      expected: classes[label]!,
      weight: 1,
      subjects: subjects.map(({ right, ...subject }) => ({
        ...subject,
        answer: classes[said(label, right[item] === 1, classes.length)]!,
        values: { accuracy: right[item]!, loss: right[item] === 1 ? 0.2 : 1.4 },
        detail: null,
      })),
    };
  });
  if (cell === null) return items;
  return items.filter(
    ({ expected, subjects: those }) =>
      expected === cell.expected &&
      those.some(
        ({ arm, shots, answer }) => arm === cell.arm && shots === cell.shots && answer === cell.answer,
      ),
  );
};
