import { shotsText } from '../api/contract.ts';
import type { ComparisonAnswer } from '../api/contract.ts';
import { metricText } from './quantities.ts';
import { shotsTable } from './shots-table.ts';
import { formatTable } from './table.ts';

type Metric = ComparisonAnswer['metrics'][number];
type Arm = Metric['arms'][number];

/** What a comparison answers: the sentence, then each score with its arms and pairs, or by number of shots. */
export const answerText = ({ sentence, points, metrics, costs, shotCurves }: ComparisonAnswer): string =>
  [
    sentence,
    ...points.map((point) => `- ${point}`),
    ...(shotCurves.length === 0 ? metrics.map(metricBlock) : shotCurves.map(shotsTable)),
    costTable(costs),
  ]
    .filter((part) => part !== '')
    .join('\n\n');

const metricBlock = (metric: Metric): string => {
  const { task, label, unit, base, chance, arms, pairs, gate, caveats } = metric;
  const value = (number: number | null): string => (number === null ? '–' : metricText({ unit }, number));
  const table = formatTable(arms, [
    { title: 'arm', text: ({ arm }) => arm },
    { title: 'seeds', text: ({ runs }) => String(runs.length), isNumber: true },
    { title: 'mean', text: ({ mean }) => value(mean), isNumber: true },
    { title: 'sd', text: ({ deviation }) => value(deviation), isNumber: true },
    {
      title: 'interval',
      text: ({ interval }: Arm) =>
        interval === null ? '–' : `${value(interval.low)} to ${value(interval.high)}`,
    },
  ]);
  const beside = [
    ...(base === null ? [] : [`base ${value(base.score)}`]),
    ...(chance === null ? [] : [`chance ${value(chance)}`]),
  ].join(', ');
  return [
    `${task}, ${label}${beside === '' ? '' : ` (${beside})`}`,
    table,
    ...(gate === '' ? [] : [gate]),
    ...pairs.map(({ words }) => words),
    ...caveats,
  ].join('\n');
};

const costTable = (costs: ComparisonAnswer['costs']): string => {
  const [first] = costs;
  if (first === undefined) return '';
  const shown = costs.filter(({ arms }) => arms.some(({ mean }) => mean !== null));
  return formatTable(shown, [
    {
      title: 'cost, mean over seeds',
      text: ({ label, shots }) => (shots === null ? label : `${label}, ${shotsText([shots])}`),
    },
    ...first.arms.map(({ arm }) => ({
      title: arm,
      text: ({ unit, arms }: (typeof shown)[number]) => {
        const mean = arms.find((one) => one.arm === arm)?.mean ?? undefined;
        return metricText({ unit }, mean);
      },
      isNumber: true,
    })),
  ]);
};
