import { scoreRegistry } from '../../../engine/scoring/scores.ts';
import type { MetricAnswer } from './comparison-answer.ts';
import { differenceText, shotsText, valueIntervalText, valueText } from './number-text.ts';

/** A score that is told for parts of the items too, those beside each other. Texts only: every format and the window show it as it is. */
export interface PartTable {
  readonly title: string;
  readonly titles: readonly string[];
  /** The base first, then the arms, then what comes of each pair. */
  readonly rows: readonly (readonly string[])[];
}

const absent = '–';

/** Of each task, and number of shots, whose score has parts. */
export const partTables = (metrics: readonly MetricAnswer[]): PartTable[] =>
  metrics.flatMap((whole) => {
    const of = scoreRegistry.filter(({ partOf }) => partOf === whole.metric);
    const parts = of.flatMap(({ name, short }) => {
      const metric = metrics.find(
        (one) => one.metric === name && one.task === whole.task && one.shots === whole.shots,
      );
      return metric === undefined ? [] : [{ short, metric }];
    });
    return parts.length === 0 ? [] : [tableOf(whole, parts)];
  });

const tableOf = (
  whole: MetricAnswer,
  parts: readonly { readonly short: string; readonly metric: MetricAnswer }[],
): PartTable => {
  const columns = [whole, ...parts.map(({ metric }) => metric)];
  const row = (name: string, cell: (metric: MetricAnswer) => string | undefined): string[] => [
    name,
    ...columns.map((metric) => cell(metric) ?? absent),
  ];
  const around = (metric: MetricAnswer, value: number, interval: MetricAnswer['arms'][number]['interval']) =>
    `${valueText(value, metric.unit)}${interval === null ? '' : ` (${valueIntervalText(interval, metric.unit)})`}`;
  return {
    title: `${whole.label}, ${whole.task}, by how much noise there is${whole.shots === null ? '' : `, ${shotsText([whole.shots])}`}`,
    titles: ['', 'in all', ...parts.map(({ short }) => short)],
    rows: [
      ...(columns.some(({ base }) => base !== null)
        ? [row('base model', ({ base, unit }) => (base === null ? undefined : valueText(base.score, unit)))]
        : []),
      ...whole.arms.map(({ arm }) =>
        row(arm, (metric) => {
          const own = metric.arms.find((one) => one.arm === arm);
          return own === undefined || own.mean === null ? undefined : around(metric, own.mean, own.interval);
        }),
      ),
      ...whole.pairs.map(({ first, second }) =>
        row(`${first} against ${second}`, (metric) => {
          const pair = metric.pairs.find((one) => one.first === first && one.second === second);
          if (pair === undefined) return undefined;
          const { difference, verdict } = pair;
          return difference === null ? verdict : `${differenceText(difference, metric.unit)}, ${verdict}`;
        }),
      ),
    ],
  };
};
