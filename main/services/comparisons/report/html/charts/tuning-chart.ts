import type { TuningAnswer } from '../../../answer/comparison-answer.ts';
import { valueText } from '../../../answer/number-text.ts';
import { drawPlane, planeEdges } from './plane.ts';
import { linearScale, logScale, tickText } from './scale.ts';
import { dot, figure, path } from './svg.ts';

/** Score by a setting's value, one line for each arm; the best of each filled. */
export const tuningChart = (tuning: TuningAnswer, colour: (arm: string) => string): string => {
  const points = tuning.arms.flatMap((arm) => arm.points);
  if (points.length === 0) return '';
  const values = points.map(({ value }) => value);
  const { left, right, top, bottom } = planeEdges;
  const x = (Math.min(...values) > 0 ? logScale : linearScale)(values, left, right);
  const y = linearScale(
    points.map(({ mean }) => mean),
    bottom,
    top,
  );
  const parts = tuning.arms.map(
    ({ arm, points: own, best }) =>
      `<g class="${colour(arm)}">${path(
        own.map(({ value, mean }) => [x.at(value), y.at(mean)] as const),
        'curve',
      )}${own
        .map(({ value, mean }) =>
          dot(
            x.at(value),
            y.at(mean),
            value === best ? 6 : 3.5,
            value === best ? 'mark' : 'beaten',
            `${arm}, ${value}: ${valueText(mean, tuning.unit)}`,
          ),
        )
        .join('')}</g>`,
  );
  const title = `${tuning.metricLabel} by ${tuning.label}`;
  const svg = drawPlane(
    title,
    { scale: x, title: tuning.label, text: (value) => tickText(value, 'rate') },
    { scale: y, text: (value) => tickText(value, tuning.unit) },
    parts,
  );
  return figure(title, svg, 'Filled: the best of each arm, on the part held out for tuning.');
};
