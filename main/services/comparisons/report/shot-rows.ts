import type { Interval, ShotCurve } from '../answer/comparison-answer.ts';
import { shotsText, valueIntervalText, valueText } from '../answer/number-text.ts';
import { absent } from './answer-rows.ts';

/** The cells of the table of a score by number of shots, as every format prints them. */

/** "accuracy, held-out, by shots". */
export const shotTitle = ({ label, task }: ShotCurve): string => `${label}, ${task}, by shots`;

export const shotTitles = ({ arms, pairs }: ShotCurve): string[] => [
  'shots',
  ...arms.map(({ arm }) => arm),
  ...pairs.map(({ first, second }) => `${first} against ${second}`),
];

/** Zero-shot first, the same for every arm. */
export const shotRows = ({ unit, base, arms, pairs }: ShotCurve): string[][] => {
  const around = (mean: number, interval: Interval | null): string =>
    interval === null
      ? valueText(mean, unit)
      : `${valueText(mean, unit)} (${valueIntervalText(interval, unit)})`;
  const known = new Set(arms.flatMap(({ points }) => points.map(({ shots }) => shots)));
  const rows = [...known]
    .toSorted((one, other) => one - other)
    .map((count) => [
      String(count),
      ...arms.map(({ points }) => {
        const point = points.find(({ shots }) => shots === count);
        return point === undefined ? absent : around(point.mean, point.interval);
      }),
      ...pairs.map(({ points }) => points.find(({ shots }) => shots === count)?.verdict ?? absent),
    ]);
  if (base === null) return rows;
  const zero = around(base.score, base.interval);
  return [['zero-shot', ...arms.map(() => zero), ...pairs.map(() => absent)], ...rows];
};

/** What a heading ends with where it is of one number of shots. */
export const atShots = (shots: number | null): string => (shots === null ? '' : `, ${shotsText([shots])}`);
