import { drawing, line, text } from './svg.ts';
import type { Scale } from './scale.ts';

/** A plane with two axes, for charts of one value against another. */
export const plane = { width: 460, height: 270, left: 62, right: 16, top: 12, bottom: 42 } as const;

export const planeEdges = {
  left: plane.left,
  right: plane.width - plane.right,
  top: plane.top,
  bottom: plane.height - plane.bottom,
} as const;

export const drawPlane = (
  label: string,
  x: { scale: Scale; title: string; text: (value: number) => string },
  y: { scale: Scale; text: (value: number) => string },
  parts: readonly string[],
): string => {
  const { left, right, bottom } = planeEdges;
  return drawing(plane.width, plane.height, label, [
    ...y.scale.ticks.flatMap((tick) => [
      line(left, y.scale.at(tick), right, y.scale.at(tick), 'grid'),
      text(y.text(tick), left - 8, y.scale.at(tick) + 4, { 'text-anchor': 'end' }),
    ]),
    line(left, bottom, right, bottom, 'axis'),
    ...x.scale.ticks.map((tick) =>
      text(x.text(tick), x.scale.at(tick), bottom + 17, { 'text-anchor': 'middle' }),
    ),
    text(x.title, (left + right) / 2, plane.height - 6, { 'text-anchor': 'middle' }),
    ...parts,
  ]);
};
