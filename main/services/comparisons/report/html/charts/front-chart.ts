import type { Front } from '../../../answer/comparison-answer.ts';
import { valueText } from '../../../answer/number-text.ts';
import { drawPlane, planeEdges } from './plane.ts';
import { linearScale, logScale, tickText } from './scale.ts';
import { dot, figure, line, path } from './svg.ts';

/** Score against cost, the arms that nothing beats joined by a line. Costs that differ much stand by powers. */
export const frontChart = (front: Front, colour: (arm: string) => string): string => {
  const { points, metricUnit, costUnit } = front;
  const costs = points.map(({ cost }) => cost);
  const { left, right, top, bottom } = planeEdges;
  const far = Math.min(...costs) > 0 && Math.max(...costs) / Math.min(...costs) > 4;
  const x = (far ? logScale : linearScale)(costs, left + 14, right - 14);
  const y = linearScale(
    points.flatMap(({ score, interval }) =>
      interval === null ? [score] : [score, interval.low, interval.high],
    ),
    bottom,
    top,
  );
  const best = points
    .filter(({ dominatedBy }) => dominatedBy === null)
    .sort((one, other) => one.cost - other.cost);
  const marks = points.map(({ arm, cost, score, interval, dominatedBy }) => {
    const bar =
      interval === null ? '' : line(x.at(cost), y.at(interval.low), x.at(cost), y.at(interval.high), 'bar');
    const words = `${arm}: ${valueText(score, metricUnit)}, ${valueText(cost, costUnit)}${dominatedBy === null ? '' : `, beaten by ${dominatedBy}`}`;
    const mark = dot(x.at(cost), y.at(score), 6, dominatedBy === null ? 'mark' : 'beaten', words);
    return `<g class="${colour(arm)}">${bar}${mark}</g>`;
  });
  const label = `${front.metricLabel} against ${front.costLabel}`;
  const svg = drawPlane(
    label,
    { scale: x, title: front.costLabel, text: (value) => tickText(value, costUnit) },
    { scale: y, text: (value) => tickText(value, metricUnit) },
    [
      path(
        best.map(({ cost, score }) => [x.at(cost), y.at(score)] as const),
        'front',
      ),
      ...marks,
    ],
  );
  return figure(label, svg, captionOf(front));
};

const captionOf = ({ points }: Front): string => {
  const beaten = points.filter(({ dominatedBy }) => dominatedBy !== null);
  if (beaten.length === 0) return 'No arm is beaten at both.';
  const unsure = beaten.some(({ certain }) => !certain);
  return `Hollow: beaten at both by another, by the means${unsure ? ', where not every score surely differs' : ''}.`;
};
