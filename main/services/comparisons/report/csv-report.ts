import type { ComparisonAnswer, MetricAnswer, PairAnswer } from '../answer/comparison-answer.ts';
import type { ComparisonDiagnosis } from '../diagnostics/comparison-diagnosis.ts';
import { pairMeasures, runMeasures } from '../diagnostics/diagnosis-measures.ts';
import type { ReportData } from './report-data.ts';
import { settingRows } from './settings-rows.ts';

/** What a line says; empty where it does not apply. */
interface Line {
  readonly task?: string;
  readonly metric: string;
  readonly arm?: string;
  readonly other?: string;
  readonly shots?: number | null;
  readonly seed?: number;
  readonly runId?: string;
  readonly at?: number;
  readonly quantity: string;
  readonly value: number | string | null;
  readonly unit: string;
}

const columns = [
  'task',
  'metric',
  'shots',
  'arm',
  'other',
  'seed',
  'run_id',
  'at',
  'quantity',
  'value',
  'unit',
];

/**
 * Long form after RFC 4180: a line for each number, with the run that it is of, and the number of shots where there is an axis of them. `at` is a step, the value of a tuned setting, or the place
 * of a singular value. A count of a confusion matrix has the right class in `other` and what was said after `confusion` in its quantity. What diagnostics found of one layer has the layer for a task. Settings, versions, hashes and the file that repeats it
 * come last, by their quantity: `setting`, `fact`, `sha256` (with the file's role for a task), `confound`, `repeat`.
 */
export const csvReport = (data: ReportData): string =>
  [columns, ...[...linesOf(data.answer), ...diagnosisLines(data.diagnosis), ...setupLines(data)].map(cells)]
    .map((row) => row.map(field).join(','))
    .join('\r\n') + '\r\n';

const cells = ({ task, metric, shots, arm, other, seed, runId, at, quantity, value, unit }: Line): string[] =>
  [task, metric, shots, arm, other, seed, runId, at, quantity, value, unit].map((cell) =>
    cell === undefined || cell === null ? '' : String(cell),
  );

const field = (text: string): string =>
  /[",\r\n]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;

const linesOf = (answer: ComparisonAnswer): Line[] =>
  [
    ...answer.metrics.flatMap(metricLines),
    ...answer.costs.flatMap(costLines),
    ...answer.curves.flatMap(({ metric, shots, unit, arms }) =>
      arms.flatMap(({ arm, points }) =>
        points.flatMap(({ step, mean, low, high }) =>
          bounds('curve', { low, high })
            .concat({ quantity: 'curve_mean', value: mean })
            .map((entry) => ({ metric, shots, arm, at: step, unit, ...entry })),
        ),
      ),
    ),
    ...answer.tuning.flatMap(({ setting, metric, shots, unit, arms }) =>
      arms.flatMap(({ arm, points }) =>
        points.flatMap(({ value: at, scores }) =>
          scores.map((value) => ({
            task: `tuning ${setting}`,
            metric,
            shots,
            arm,
            at,
            quantity: 'trial',
            value,
            unit,
          })),
        ),
      ),
    ),
  ].filter(({ value }) => value !== null);

const diagnosisLines = (diagnosis: ComparisonDiagnosis | null): Line[] => {
  if (diagnosis === null) return [];
  const { runs, pairs, layers } = diagnosis;
  return [
    ...runs.flatMap(({ arm, seed, runId, values }) =>
      numbersOf(runMeasures, values).map((entry) => ({ arm, seed, runId, ...entry })),
    ),
    ...pairs.flatMap(({ first, second, values }) =>
      pairMeasures.flatMap(({ name, unit }) =>
        (['mean', 'low', 'high'] as const).flatMap((quantity) => {
          const value = values[name]?.[quantity];
          return value === undefined
            ? []
            : [{ metric: name, arm: first, other: second, quantity, value, unit }];
        }),
      ),
    ),
    ...layers.flatMap(({ module: task, arms, pairs: both }) => [
      ...arms.flatMap(({ arm, values, spectrum }) => [
        ...numbersOf(runMeasures, values).map((entry) => ({ task, arm, ...entry })),
        ...spectrum.map((value, index) => ({
          ...{ task, arm, value },
          ...{ metric: 'spectrum', at: index + 1, quantity: 'diagnosis', unit: 'share' },
        })),
      ]),
      ...both.flatMap(({ first, second, values }) =>
        numbersOf(pairMeasures, values).map((entry) => ({ task, arm: first, other: second, ...entry })),
      ),
    ]),
  ];
};

const setupLines = (data: ReportData): Line[] => {
  const { facts, files, repeat } = data.provenance;
  const line = (metric: string, quantity: string, value: string): Line => ({
    metric,
    quantity,
    value,
    unit: '',
  });
  return [
    ...settingRows(data).flatMap(({ path, values }) =>
      data.arms.map(({ name: arm }, index) => ({ ...line(path, 'setting', values[index] ?? ''), arm })),
    ),
    ...data.confounds.map(({ name, sentence, accepted }) => ({
      ...line(name, 'confound', sentence),
      unit: accepted ? 'accepted' : '',
    })),
    ...facts.map(({ label, value }) => line(label, 'fact', value)),
    ...files.map(({ name, role, sha256 }) => ({ ...line(name, 'sha256', sha256), task: role })),
    line(repeat.fileName, 'repeat', repeat.text),
  ];
};

const numbersOf = <Name extends string>(
  measures: readonly { readonly name: Name; readonly unit: string }[],
  values: Readonly<Partial<Record<Name, number>>>,
): Pick<Line, 'metric' | 'quantity' | 'value' | 'unit'>[] =>
  measures.flatMap(({ name, unit }) => {
    const value = values[name];
    return value === undefined ? [] : [{ metric: name, quantity: 'diagnosis', value, unit }];
  });

const bounds = (name: string, interval: { low: number; high: number } | null) => [
  { quantity: `${name}_low`, value: interval?.low ?? null },
  { quantity: `${name}_high`, value: interval?.high ?? null },
];

const metricLines = (answer: MetricAnswer): Line[] => {
  const { task, metric, shots, unit, arms, base, chance, pairs, margin } = answer;
  const own = { task, metric, shots, unit };
  const lines: Line[] = [
    { ...own, quantity: 'chance', value: chance },
    { ...own, quantity: 'margin', value: margin },
    { ...own, arm: 'base model', quantity: 'score', value: base?.score ?? null },
    ...bounds('interval', base?.interval ?? null).map((entry) => ({ ...own, arm: 'base model', ...entry })),
  ];
  for (const { arm, runs, mean, deviation, interval, ...gates } of arms) {
    for (const { seed, runId, score } of runs)
      lines.push({ ...own, arm, seed, runId, quantity: 'score', value: score });
    lines.push({ ...own, arm, quantity: 'mean', value: mean });
    lines.push({ ...own, arm, quantity: 'sd', value: deviation });
    lines.push(...bounds('interval', interval).map((entry) => ({ ...own, arm, ...entry })));
    for (const name of ['base', 'chance'] as const)
      lines.push({
        ...own,
        arm,
        other: name,
        quantity: 'p_holm',
        value: gates[name]?.adjusted ?? null,
        unit: 'p',
      });
  }
  return [...lines, ...pairs.flatMap((pair) => pairLines(own, pair)), ...confusionLines(answer)];
};

/** Counts of nothing are left out. */
const confusionLines = ({ task, metric, shots, confusions }: MetricAnswer): Line[] => {
  const { classes, subjects } = confusions ?? { classes: [], subjects: [] };
  return subjects.flatMap(({ arm, counts }) =>
    classes.flatMap((other, row) =>
      classes.flatMap((said, column) => {
        const value = counts[row]![column]!;
        const common = { task, metric, shots, arm: arm ?? 'base model', other, unit: 'count' };
        return value === 0 ? [] : [{ ...common, quantity: `confusion ${said}`, value }];
      }),
    ),
  );
};

const pairLines = (own: Pick<Line, 'task' | 'metric' | 'shots' | 'unit'>, pair: PairAnswer): Line[] => {
  const common = { ...own, arm: pair.first, other: pair.second };
  return [
    { ...common, quantity: 'difference', value: pair.difference },
    ...bounds('difference', pair.interval).map((entry) => ({ ...common, ...entry })),
    ...bounds('bootstrap', pair.bootstrap?.accelerated ?? null).map((entry) => ({ ...common, ...entry })),
    { ...common, quantity: 'p', value: pair.p, unit: 'p' },
    { ...common, quantity: 'p_holm', value: pair.adjusted, unit: 'p' },
    { ...common, quantity: 'p_equivalence_holm', value: pair.equivalence?.adjusted ?? null, unit: 'p' },
    { ...common, quantity: 'effect', value: pair.effect?.value ?? null, unit: pair.effect?.name ?? '' },
    { ...common, quantity: 'both_right', value: pair.agreement?.bothRight ?? null, unit: 'count' },
    { ...common, quantity: 'only_first', value: pair.agreement?.onlyFirst ?? null, unit: 'count' },
    { ...common, quantity: 'only_second', value: pair.agreement?.onlySecond ?? null, unit: 'count' },
    { ...common, quantity: 'neither', value: pair.agreement?.neither ?? null, unit: 'count' },
    ...pair.tests.map(({ label, p }) => ({ ...common, quantity: `p ${label}`, value: p, unit: 'p' })),
    { ...common, quantity: 'verdict', value: pair.verdict, unit: '' },
  ];
};

const costLines = ({ name, shots, unit, arms }: ComparisonAnswer['costs'][number]): Line[] =>
  arms.flatMap(({ arm, runs, mean, deviation, ratio }) => [
    ...runs.map(({ seed, runId, value }) => ({
      metric: name,
      shots,
      arm,
      seed,
      runId,
      quantity: 'cost',
      value,
      unit,
    })),
    { metric: name, shots, arm, quantity: 'mean', value: mean, unit },
    { metric: name, shots, arm, quantity: 'sd', value: deviation, unit },
    { metric: name, shots, arm, quantity: 'ratio', value: ratio, unit: '' },
  ]);
