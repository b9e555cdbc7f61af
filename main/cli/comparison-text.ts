import type { Comparison, RunSummary } from '../api/contract.ts';
import { accuracyText, bytesText, countText, lossText, secondsText } from './quantities.ts';
import { formatTable } from './table.ts';
import type { Column } from './table.ts';

type Row = Comparison['rows'][number];

/** The table, and the sentence that says what it means. */
export const comparisonText = ({ rows, bestRunId, verdict }: Comparison): string => {
  const table = formatTable(rows, [
    { title: 'configuration', text: ({ name, runId }) => (runId === bestRunId ? `${name} *` : name) },
    { title: 'method', text: ({ method }) => method },
    ...(rows.every(({ summary }) => summary !== null)
      ? []
      : [{ title: 'status', text: ({ status }: Row) => status }]),
    fromSummary('trained', ({ trainedParameters }) => countText(trainedParameters)),
    fromSummary('loss before', ({ validationLossBefore }) => lossText(validationLossBefore)),
    fromSummary('loss after', ({ validationLossAfter }) => lossText(validationLossAfter)),
    ...(rows.some(({ summary }) => summary !== null && keepsBest(summary)) ? keptColumns : []),
    ...(rows.some(({ summary }) => (summary?.validationAccuracyAfter ?? null) !== null)
      ? [
          fromSummary('accuracy before', ({ validationAccuracyBefore }) =>
            accuracyText(validationAccuracyBefore),
          ),
          fromSummary('after', ({ validationAccuracyAfter }) => accuracyText(validationAccuracyAfter)),
        ]
      : []),
    fromSummary('s/step', ({ secondsPerStep }) => secondsText(secondsPerStep)),
    fromSummary('initialisation s', ({ initialisationSeconds }) => secondsText(initialisationSeconds)),
    fromSummary('peak memory', ({ peakMemoryBytes }) => bytesText(peakMemoryBytes)),
  ]);
  return `${table}\n\nLoss is on held-out data.${bestRunId === null ? '' : ' * has the lowest.'}\n${verdict}`;
};

const keepsBest = ({ evaluations }: RunSummary): boolean => evaluations?.saved === 'best';

const fromSummary = (title: string, text: (summary: RunSummary) => string): Column<Row> => ({
  title,
  text: ({ summary }) => (summary === null ? '–' : text(summary)),
  isNumber: true,
});

/** Where a run keeps the best of its evaluations. */
const keptColumns: readonly Column<Row>[] = [
  fromSummary('at step', ({ evaluations }) =>
    evaluations === null ? '–' : countText(evaluations[evaluations.saved].step),
  ),
  fromSummary('last loss', ({ evaluations }) => lossText(evaluations?.last.loss ?? null)),
];
