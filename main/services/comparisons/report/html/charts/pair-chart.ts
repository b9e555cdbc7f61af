import type { MetricAnswer } from '../../../answer/comparison-answer.ts';
import { confidenceText, differenceText } from '../../../answer/number-text.ts';
import { metricTitle } from '../../answer-rows.ts';
import { shortened } from './arm-chart.ts';
import { differenceTickText, linearScale } from './scale.ts';
import { dot, drawing, element, figure, line, text } from './svg.ts';

const width = 860;
const row = 30;
const left = 270;
const right = 130;

/** Differences with their intervals around zero, and the margin that the user named. */
export const pairChart = (metric: MetricAnswer, level: number): string => {
  const pairs = metric.pairs.filter(({ difference }) => difference !== null);
  if (pairs.length === 0) return '';
  const { unit, margin, better } = metric;
  const values = [
    0,
    ...(margin === null ? [] : [margin, -margin]),
    ...pairs.flatMap(({ difference, interval }) => [
      difference!,
      ...(interval === null ? [] : [interval.low, interval.high]),
    ]),
  ];
  const scale = linearScale(values, left, width - right);
  const [top, bottom] = [18, 18 + row * pairs.length];
  const parts = [
    ...(margin === null
      ? []
      : [
          element('rect', {
            class: 'margin',
            x: scale.at(-margin),
            y: top,
            width: scale.at(margin) - scale.at(-margin),
            height: bottom - top,
          }),
        ]),
    ...scale.ticks.flatMap((tick) => [
      line(scale.at(tick), top, scale.at(tick), bottom, 'grid'),
      text(differenceTickText(tick, unit), scale.at(tick), bottom + 18, {
        'text-anchor': 'middle',
      }),
    ]),
    line(scale.at(0), top - 4, scale.at(0), bottom, 'reference'),
  ];
  for (const [index, { first, second, difference, interval }] of pairs.entries()) {
    const y = top + row * (index + 0.5);
    const named = `${shortened(first, 18)} − ${shortened(second, 18)}`;
    parts.push(text(named, left - 16, y + 4, { class: 'name', 'text-anchor': 'end' }));
    const bar = interval === null ? '' : line(scale.at(interval.low), y, scale.at(interval.high), y, 'bar');
    const mark = dot(scale.at(difference!), y, 5, 'mark', `${named}: ${differenceText(difference!, unit)}`);
    parts.push(`<g class="arm-6">${bar}${mark}</g>`);
    parts.push(text(differenceText(difference!, unit), width - right + 16, y + 4, { class: 'value' }));
  }
  const title = `${metricTitle(metric)}: differences`;
  const side = better === 'higher' ? 'Right' : 'Left';
  const caption = `${confidenceText(level)} intervals${unit === 'share' ? ', in points' : ''}, before correction. ${side} of zero the first arm is better.${margin === null ? '' : ' Shaded: within the margin.'}`;
  return figure(title, drawing(width, bottom + 26, title, parts), caption);
};
