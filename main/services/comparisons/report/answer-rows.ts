import { confusionTable, type ConfusionTable } from '../../../engine/scoring/confusion-table.ts';
import type { ArmAnswer, Gate, MetricAnswer, PairAnswer, TuningAnswer } from '../answer/comparison-answer.ts';
import {
  confidenceText,
  differenceIntervalText,
  differenceText,
  pText,
  shotsText,
  valueIntervalText,
  valueText,
} from '../answer/number-text.ts';

/** The cells of the tables that every format prints. Texts only; numbers come from the answer. */

export const absent = '–';

const gateText = (gate: Gate | null): string =>
  gate === null
    ? absent
    : gate.adjusted === null
      ? gate.standing
      : `${gate.standing} (${pText(gate.adjusted)})`;

export const armTitles = ({ chance, base }: MetricAnswer, level: number): string[] => [
  'arm',
  'runs',
  'mean',
  'sd over seeds',
  `${confidenceText(level)} interval`,
  ...(base === null ? [] : ['against the base']),
  ...(chance === null ? [] : ['against chance']),
];

export const armCells = (metric: MetricAnswer, arm: ArmAnswer): string[] => {
  const { unit, chance, base } = metric;
  return [
    arm.arm,
    runCount(arm),
    arm.mean === null ? absent : valueText(arm.mean, unit),
    arm.deviation === null ? absent : differenceText(arm.deviation, unit),
    arm.interval === null ? absent : valueIntervalText(arm.interval, unit),
    ...(base === null ? [] : [gateText(arm.base)]),
    ...(chance === null ? [] : [gateText(arm.chance)]),
  ];
};

/** "4 of 5"; a seed that several tasks miss is one. */
const runCount = ({ runs, missing }: ArmAnswer): string => {
  const seeds = new Set([...runs, ...missing].map(({ seed }) => seed)).size;
  return seeds === runs.length ? `${seeds}` : `${runs.length} of ${seeds}`;
};

/** The base and chance, as rows of the same table. */
export const lineCells = (metric: MetricAnswer): string[][] => {
  const { base, chance, unit } = metric;
  const rest = [...(base === null ? [] : [absent]), ...(chance === null ? [] : [absent])];
  const rows: string[][] = [];
  if (base !== null) {
    const interval = base.interval === null ? absent : valueIntervalText(base.interval, unit);
    const cells = ['base model', absent, valueText(base.score, unit), absent, interval, ...rest];
    if (chance !== null) cells[cells.length - 1] = gateText(base.chance);
    rows.push(cells);
  }
  if (chance !== null) rows.push(['chance', absent, valueText(chance, unit), absent, absent, ...rest]);
  return rows;
};

export const pairTitles = (level: number): string[] => [
  'pair',
  'difference',
  `${confidenceText(level)} interval`,
  'p',
  'p after Holm',
  'effect',
  'verdict',
];

export const pairCells = ({ unit }: MetricAnswer, pair: PairAnswer): string[] => [
  `${pair.first} − ${pair.second}`,
  pair.difference === null ? absent : differenceText(pair.difference, unit),
  pair.interval === null ? absent : differenceIntervalText(pair.interval, unit),
  pair.p === null ? absent : bareP(pair.p),
  pair.adjusted === null ? absent : bareP(pair.adjusted),
  pair.effect === null ? absent : `${pair.effect.name} ${pair.effect.value.toFixed(2).replace('-', '−')}`,
  pair.verdict,
];

/** "0.018", "< 0.001". */
export const bareP = (p: number): string => pText(p).replace('p = ', '').replace('p ', '');

/** "accuracy, arc-easy". */
export const metricTitle = ({ label, task, shots }: MetricAnswer): string =>
  `${label}, ${task}${shots === null ? '' : `, ${shotsText([shots])}`}`;

/** Of each subject its matrix, or its commonest mistakes. */
export const confusionTables = ({ confusions }: MetricAnswer): (ConfusionTable & { title: string })[] =>
  (confusions?.subjects ?? []).map(({ arm, runs, counts }) => ({
    ...confusionTable({ classes: confusions!.classes, counts }),
    title: arm === null ? 'The base model' : `${arm}, ${runsText(runs)}`,
  }));

const runsText = (runs: number): string => (runs === 1 ? 'one run' : `${runs} runs added up`);

/** "Tuning: loss on the rows for tuning, by learningRate". */
export const tuningTitle = ({ metricLabel, label, shots }: TuningAnswer): string =>
  `Tuning: ${metricLabel}, by ${label}${shots === null ? '' : `, ${shotsText([shots])}`}`;

export const tuningTitles = ({ metricLabel, label }: TuningAnswer): string[] => [
  'arm',
  label,
  metricLabel,
  'trials',
];

/** A row for each value that an arm tried. */
export const tuningRows = ({ arms, unit }: TuningAnswer): string[][] =>
  arms.flatMap(({ arm, points, best }) =>
    points.map(({ value, mean, scores }) => [
      arm,
      `${value}${value === best ? ' (best)' : ''}`,
      valueText(mean, unit),
      String(scores.length),
    ]),
  );
