import type { MetricAnswer } from '../../../answer/comparison-answer.ts';
import { confidenceText, valueText } from '../../../answer/number-text.ts';
import { metricTitle } from '../../answer-rows.ts';
import { linearScale, tickText } from './scale.ts';
import { dot, drawing, figure, line, text } from './svg.ts';

const width = 860;
const row = 34;
const left = 190;
const right = 120;

/** Each arm as its mean, its interval and a dot for each seed; base and chance as lines. */
export const armChart = (metric: MetricAnswer, level: number, colour: (arm: string) => string): string => {
  const arms = metric.arms.filter(({ mean }) => mean !== null);
  if (arms.length === 0) return '';
  const { unit, base, chance } = metric;
  const references = [
    ...(base === null ? [] : [{ name: 'base', value: base.score }]),
    ...(chance === null ? [] : [{ name: 'chance', value: chance }]),
  ];
  const values = [
    ...references.map(({ value }) => value),
    ...arms.flatMap(({ mean, interval, runs }) => [
      mean!,
      ...runs.map(({ score }) => score),
      ...(interval === null ? [] : [interval.low, interval.high]),
    ]),
  ];
  const scale = linearScale(values, left, width - right);
  const [top, bottom] = [22, 22 + row * arms.length];
  const parts = [
    ...scale.ticks.flatMap((tick) => [
      line(scale.at(tick), top, scale.at(tick), bottom, 'grid'),
      text(tickText(tick, unit), scale.at(tick), bottom + 18, { 'text-anchor': 'middle' }),
    ]),
    ...references.flatMap(({ name, value }, index) => [
      line(scale.at(value), top - 4, scale.at(value), bottom, 'reference'),
      text(name, scale.at(value), closeBy(references, index, scale.at) ? top - 18 : top - 7, {
        'text-anchor': 'middle',
      }),
    ]),
  ];
  for (const [index, { arm, mean, interval, runs }] of arms.entries()) {
    const y = top + row * (index + 0.5);
    const inner = [
      ...(interval === null ? [] : [line(scale.at(interval.low), y, scale.at(interval.high), y, 'bar')]),
      ...runs.map(({ seed, runId, score }) =>
        dot(scale.at(score), y - 9, 3, 'seed', `seed ${seed}: ${valueText(score, unit)} (run ${runId})`),
      ),
      dot(scale.at(mean!), y, 5.5, 'mark', `${arm}: ${valueText(mean!, unit)}`),
    ];
    parts.push(`<g class="${colour(arm)}">${inner.join('')}</g>`);
    parts.push(text(shortened(arm, 26), left - 16, y + 4, { class: 'name', 'text-anchor': 'end' }));
    parts.push(text(valueText(mean!, unit), width - right + 16, y + 4, { class: 'value' }));
  }
  const title = `${metricTitle(metric)}: each arm`;
  const caption = `Mean and ${confidenceText(level)} interval; small dots are seeds. ${metric.better === 'higher' ? 'Higher' : 'Lower'} is better.`;
  return figure(title, drawing(width, bottom + 26, title, parts), caption);
};

/** Whether a label would stand on the one before. */
const closeBy = (
  references: readonly { value: number }[],
  index: number,
  at: (value: number) => number,
): boolean => index > 0 && Math.abs(at(references[index]!.value) - at(references[index - 1]!.value)) < 50;

export const shortened = (name: string, length: number): string =>
  name.length <= length ? name : `${name.slice(0, length - 1)}…`;
