import { adapterName, lengthText, scoreEntry, shotsText } from '../api/contract.ts';
import type {
  Assessment,
  Comparison,
  ComparisonDesign,
  ComparisonSummary,
  Confound,
  ScoreName,
} from '../api/contract.ts';
import { costMeasures } from '../engine/budgets/cost-measures.ts';
import { bytesText, countText, metricText, plural, secondsText, timeText } from './quantities.ts';
import { formatFields, formatTable } from './table.ts';

export const comparisonTable = (comparisons: readonly ComparisonSummary[]): string =>
  formatTable(comparisons, [
    { title: 'id', text: ({ id }) => id },
    { title: 'name', text: ({ name }) => name },
    { title: 'model', text: ({ modelName }) => modelName },
    { title: 'dataset', text: ({ datasetName }) => datasetName },
    { title: 'arms', text: ({ arms }) => String(arms.length), isNumber: true },
    { title: 'seeds', text: ({ seeds }) => String(seeds), isNumber: true },
    { title: 'status', text: ({ status }) => status },
    { title: 'created', text: ({ createdAt }) => timeText(createdAt) },
  ]);

/** How far it is, what its arms are, and what went wrong. */
export const comparisonStateText = (comparison: Comparison): string => {
  const { definition, error, problems, confounds } = comparison;
  const fields = formatFields({
    id: comparison.id,
    name: comparison.name,
    model: comparison.modelName,
    dataset: comparison.datasetName,
    length: lengthText(definition.training),
    ...(definition.shots !== null && { shots: definition.shots.join(', ') }),
    seeds: definition.seeds.join(', '),
    tasks: definition.tasks.map(({ name }) => name).join(', '),
    status: error === null ? comparison.status : `${comparison.status}: ${error}`,
    created: timeText(comparison.createdAt),
  });
  return [
    fields,
    phasesText(comparison),
    armsText(comparison),
    scoresText(comparison),
    confoundsText(confounds),
    problems.join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
};

const phasesText = ({ phases }: Comparison): string =>
  formatTable(
    phases.filter(({ status }) => status !== 'left out'),
    [
      { title: 'phase', text: ({ phase }) => phase },
      { title: 'status', text: ({ status }) => status },
      { title: 'done', text: ({ done, total }) => `${done} of ${total}`, isNumber: true },
      { title: 'failed', text: ({ failed }) => String(failed), isNumber: true },
    ],
  );

const armsText = ({ arms, tuning }: Pick<Comparison, 'arms' | 'tuning'>): string =>
  formatTable(arms, [
    { title: 'arm', text: ({ name }) => name },
    { title: 'adapter', text: ({ adapter }) => adapterName(adapter) },
    {
      title: 'own settings',
      text: ({ training = {} }) =>
        Object.entries(training)
          .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
          .join(', '),
    },
    ...(tuning === null
      ? []
      : [
          {
            title: 'tuned to',
            text: ({ name }: Comparison['arms'][number]) =>
              tuning.chosen
                .filter(({ arm }) => arm === name)
                .map(({ shots, trial }) =>
                  [shots === null ? '' : `${shotsText([shots])}: `, trial?.label ?? '–'].join(''),
                )
                .join('; '),
          },
        ]),
  ]);

/** Of completed assessments, a line a subject and a column a score. */
const scoresText = ({ assessments, definition }: Comparison): string => {
  const completed = assessments.filter(({ status }) => status === 'completed');
  if (completed.length === 0) return '';
  const columns = definition.tasks.flatMap(({ name: task }) => {
    const ofTask = completed.filter((one) => one.task === task);
    const names = new Set(ofTask.flatMap(({ scores }) => Object.keys(scores) as ScoreName[]));
    return [...names].map((score) => ({ task, score }));
  });
  const subjects = [...Map.groupBy(completed, subjectName)];
  return formatTable(subjects, [
    { title: 'subject', text: ([name]) => name },
    ...columns.map(({ task, score }) => ({
      title: `${task} ${scoreEntry(score).short}`,
      text: ([, scored]: [string, Assessment[]]) =>
        metricText(scoreEntry(score), scored.find((one) => one.task === task)?.scores[score]),
      isNumber: true,
    })),
  ]);
};

const subjectName = ({ arm, shots, seed }: Assessment): string => {
  if (arm === null) return 'base';
  return shots === null ? `${arm}, seed ${seed}` : `${arm}, ${shotsText([shots])}, seed ${seed}`;
};

/** What besides the method may make the difference, a line each. */
export const confoundsText = (confounds: readonly Confound[]): string =>
  confounds.length === 0
    ? ''
    : [
        'Besides the methods, these differ:',
        ...confounds.map(
          ({ name, message, accepted }) => `  ${name}: ${message}${accepted ? ' (accepted)' : ''}`,
        ),
      ].join('\n');

export const designText = ({ arms, budgets, confounds, trials, plan, notices }: ComparisonDesign): string =>
  [
    armsText({ arms, tuning: null }),
    budgets === null ? '' : budgetsText(budgets),
    confoundsText(confounds),
    trials.length === 0 ? '' : `Tuning tries, for each arm: ${trials.map(({ label }) => label).join('; ')}.`,
    `That is ${plural(plan.tuningRuns, 'run')} of tuning, ${plural(plan.finalRuns, 'run')} that are reported on, and ${plural(plan.assessments, 'assessment')}.`,
    notices.join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');

const unitTexts: Readonly<
  Record<(typeof costMeasures)[keyof typeof costMeasures]['unit'], (value: number) => string>
> = {
  parameters: countText,
  steps: countText,
  bytes: bytesText,
  flops: (value) => value.toExponential(2),
  seconds: secondsText,
};

const budgetsText = ({ arms, table }: NonNullable<ComparisonDesign['budgets']>): string => {
  const known = table.filter(({ values }) => values.some((value) => value !== null));
  const explained = arms
    .filter(({ changed }) => changed)
    .map(({ name, explanation }) => `${name}: ${explanation}`);
  return [
    formatTable(known, [
      { title: 'budget', text: ({ measure }) => costMeasures[measure].label },
      ...arms.map(({ name }, index) => ({
        title: name,
        text: ({ measure, values }: (typeof known)[number]) => {
          const value = values[index];
          return value === null || value === undefined ? '–' : unitTexts[costMeasures[measure].unit](value);
        },
        isNumber: true,
      })),
      {
        title: 'equal',
        text: ({ isEqual }) => (isEqual === null ? '' : isEqual ? 'yes' : 'no'),
      },
    ]),
    ...explained,
  ].join('\n');
};
