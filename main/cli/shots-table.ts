import type { ShotCurve } from '../api/contract.ts';
import { metricText } from './quantities.ts';
import { formatTable } from './table.ts';

type Interval = ShotCurve['arms'][number]['points'][number]['interval'];

/** A score by number of shots, a column an arm, and zero-shot before them. */
export const shotsTable = ({ task, label, unit, base, chance, arms, pairs, band }: ShotCurve): string => {
  const value = (number: number): string => metricText({ unit }, number);
  const around = (mean: number, interval: Interval): string =>
    interval === null ? value(mean) : `${value(mean)} (${value(interval.low)} to ${value(interval.high)})`;
  const shots = [...new Set(arms.flatMap(({ points }) => points.map((point) => point.shots)))];
  const rows = [...(base === null ? [] : [0]), ...shots.toSorted((one, other) => one - other)];
  const armText = ({ points }: ShotCurve['arms'][number], count: number): string => {
    if (count === 0) return around(base!.score, base!.interval);
    const point = points.find((one) => one.shots === count);
    return point === undefined ? '–' : around(point.mean, point.interval);
  };
  const pairText = ({ points }: ShotCurve['pairs'][number], count: number): string =>
    points.find((one) => one.shots === count)?.verdict ?? '';
  return [
    `${task}, ${label}${chance === null ? '' : ` (chance ${value(chance)})`}`,
    formatTable(rows, [
      { title: 'shots', text: (count) => (count === 0 ? 'zero-shot' : String(count)), isNumber: true },
      ...arms.map((arm) => ({
        title: arm.arm,
        text: (count: number) => armText(arm, count),
        isNumber: true,
      })),
      ...pairs.map((pair) => ({
        title: `${pair.first} against ${pair.second}`,
        text: (count: number) => pairText(pair, count),
      })),
    ]),
    band,
  ].join('\n');
};
