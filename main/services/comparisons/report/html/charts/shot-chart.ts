import type { ShotCurve } from '../../../answer/comparison-answer.ts';
import { valueText } from '../../../answer/number-text.ts';
import { shotTitle } from '../../shot-rows.ts';
import { drawPlane, planeEdges } from './plane.ts';
import { linearScale, tickText, type Scale } from './scale.ts';
import { dot, figure, line, path } from './svg.ts';

/** Mean over seeds by number of shots, with its band, and zero-shot as a line across. */
export const shotChart = (curve: ShotCurve, colour: (arm: string) => string): string => {
  const { unit, base } = curve;
  const points = curve.arms.flatMap((arm) => arm.points);
  if (points.length === 0) return '';
  const { left, right, top, bottom } = planeEdges;
  const shots = [...new Set(points.map((point) => point.shots))];
  const inner = linearScale(shots.map(Math.log2), left, right);
  const x: Scale = { at: (count) => inner.at(Math.log2(count)), ticks: shots };
  const y = linearScale(
    [
      ...points.flatMap(({ mean, interval }) => [mean, interval?.low ?? mean, interval?.high ?? mean]),
      ...(base === null ? [] : [base.score]),
    ],
    bottom,
    top,
  );
  const parts = curve.arms.map((arm) => {
    const banded = arm.points.flatMap((point) =>
      point.interval === null ? [] : [{ shots: point.shots, ...point.interval }],
    );
    const upper = banded.map(({ shots: count, high }) => [x.at(count), y.at(high)] as const);
    const lower = banded.map(({ shots: count, low }) => [x.at(count), y.at(low)] as const);
    const band = banded.length < 2 ? '' : path([...upper, ...lower.reverse()], 'band', true);
    const along = arm.points.map(({ shots: count, mean }) => [x.at(count), y.at(mean)] as const);
    const marks = arm.points.map(({ shots: count, mean }) =>
      dot(x.at(count), y.at(mean), 2.5, 'mark', `${arm.arm}, ${count} shots: ${valueText(mean, unit)}`),
    );
    return `<g class="${colour(arm.arm)}">${band}${path(along, 'curve')}${marks.join('')}</g>`;
  });
  const zero = base === null ? [] : [line(left, y.at(base.score), right, y.at(base.score), 'axis')];
  const svg = drawPlane(
    shotTitle(curve),
    { scale: x, title: 'pictures of each class', text: String },
    { scale: y, text: (value) => tickText(value, unit) },
    [...zero, ...parts],
  );
  const told = base === null ? '' : ` The line across is zero-shot (${valueText(base.score, unit)}).`;
  return figure(shotTitle(curve), svg, `${curve.band}${told}`);
};
