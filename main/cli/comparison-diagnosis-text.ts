import { armTable, diagnosisCellText, diagnosisIntroduction, pairTable } from '../api/contract.ts';
import type { ComparisonDiagnosis, DiagnosisTable } from '../api/contract.ts';
import { formatTable } from './table.ts';

/** What diagnostics found, in the tables of the window and the reports. */
export const comparisonDiagnosisText = (diagnosis: ComparisonDiagnosis): string => {
  const pairs = pairTable(diagnosis);
  return [
    `Diagnostics. ${diagnosisIntroduction(diagnosis)}`,
    tableText('measure', armTable(diagnosis)),
    ...(pairs.rows.length === 0 ? [] : ['', tableText('held against each other', pairs)]),
    ...diagnosis.notices,
  ].join('\n');
};

const tableText = (first: string, { titles, rows }: DiagnosisTable): string =>
  formatTable(rows, [
    { title: first, text: ({ label }) => label },
    ...titles.map((title, at) => ({
      title,
      text: ({ cells }: DiagnosisTable['rows'][number]) => diagnosisCellText(cells[at]!),
      isNumber: true,
    })),
  ]);
