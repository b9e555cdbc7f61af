import type { CurveAnswer } from '../../../answer/comparison-answer.ts';
import { valueText } from '../../../answer/number-text.ts';
import { drawPlane, planeEdges } from './plane.ts';
import { linearScale, tickText } from './scale.ts';
import { dot, figure, path } from './svg.ts';

/** Mean over seeds by step, with its band. */
export const curveChart = (curve: CurveAnswer, colour: (arm: string) => string): string => {
  const points = curve.arms.flatMap((arm) => arm.points);
  if (points.length === 0) return '';
  const { left, right, top, bottom } = planeEdges;
  const x = linearScale(
    points.map(({ step }) => step),
    left,
    right,
    5,
    0.02,
  );
  const y = linearScale(
    points.flatMap(({ low, high }) => [low, high]),
    bottom,
    top,
  );
  const parts = curve.arms.map((arm) => {
    const along = arm.points.map(({ step, mean }) => [x.at(step), y.at(mean)] as const);
    const upper = arm.points.map(({ step, high }) => [x.at(step), y.at(high)] as const);
    const lower = arm.points.map(({ step, low }) => [x.at(step), y.at(low)] as const);
    const few = arm.points.length > 30 ? [] : arm.points;
    return `<g class="${colour(arm.arm)}">${path([...upper, ...lower.reverse()], 'band', true)}${path(along, 'curve')}${few
      .map(({ step, mean }) =>
        dot(x.at(step), y.at(mean), 2.5, 'mark', `${arm.arm}, step ${step}: ${valueText(mean, curve.unit)}`),
      )
      .join('')}</g>`;
  });
  const svg = drawPlane(
    `${curve.label} by step`,
    { scale: x, title: 'step', text: (value) => tickText(value, 'count') },
    { scale: y, text: (value) => tickText(value, curve.unit) },
    parts,
  );
  return figure(`${curve.label} by step`, svg, `Mean over seeds; the band is ${curve.band}.`);
};
