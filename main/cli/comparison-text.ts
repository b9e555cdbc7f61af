import { metricRegistry, summaryValue } from '../api/contract.ts';
import type { ExperimentComparison, MetricEntry, RunSummary, SummaryColumn } from '../api/contract.ts';
import { metricText } from './quantities.ts';
import { formatTable } from './table.ts';
import type { Column } from './table.ts';

type Row = ExperimentComparison['rows'][number];

/** The table, and the sentence that says what it means. */
export const comparisonText = ({ rows, bestRunId, verdict }: ExperimentComparison): string => {
  const table = formatTable(rows, [
    { title: 'configuration', text: ({ name, runId }) => (runId === bestRunId ? `${name} *` : name) },
    { title: 'method', text: ({ method }) => method },
    ...(rows.every(({ summary }) => summary !== null)
      ? []
      : [{ title: 'status', text: ({ status }: Row) => status }]),
    ...metricRegistry.flatMap((entry) => [
      ...columnsOf(entry, rows),
      ...(entry.name === 'validation/loss' && rows.some(keepsBest) ? keptColumns : []),
    ]),
  ]);
  return `${table}\n\nLoss is on held-out data.${bestRunId === null ? '' : ' * has the lowest.'}\n${verdict}`;
};

const keepsBest = ({ summary }: Row): boolean => summary?.['run/kept_step'] !== undefined;

const fromSummary = (title: string, text: (summary: RunSummary) => string): Column<Row> => ({
  title,
  text: ({ summary }) => (summary === null ? '–' : text(summary)),
  isNumber: true,
});

/** The columns of one metric: all of them where every run tells it, else those that some completed run tells. */
const columnsOf = (entry: MetricEntry, rows: readonly Row[]): Column<Row>[] => {
  const { name, short, summary: told } = entry;
  const completed = rows.flatMap(({ summary }) => summary ?? []);
  if (told === null || told.leftOut?.includes('text')) return [];
  const isTold = (column: SummaryColumn): boolean =>
    told.always === true || completed.some((summary) => summaryValue(summary, name, column) !== undefined);
  return told.columns
    .filter((column) => column !== 'change' && isTold(column))
    .map((column) => {
      const title = told.title ?? short;
      return fromSummary(told.columns.length === 1 ? title : `${title} ${column}`, (summary) =>
        metricText(entry, summaryValue(summary, name, column)),
      );
    });
};

/** Of the adapter that is saved; runs of versions that did not tell have none. */
const stepOf = (summary: RunSummary): number | undefined =>
  summary['run/kept_step'] ?? (summary['run/evaluations'] && summary['run/steps']);

/** Where a run keeps the best of its evaluations. */
const keptColumns: readonly Column<Row>[] = [
  fromSummary('at step', (summary) => metricText({ unit: 'count' }, stepOf(summary))),
  fromSummary('last loss', (summary) => metricText({ unit: 'loss' }, summary['validation/loss/last'])),
];
