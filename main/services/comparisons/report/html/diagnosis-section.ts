import type { ComparisonDiagnosis } from '../../diagnostics/comparison-diagnosis.ts';
import {
  diagnosisCellText,
  diagnosisCellTexts,
  type DiagnosisCell,
} from '../../diagnostics/diagnosis-cell.ts';
import {
  armTable,
  kindOf,
  layerTable,
  pairTable,
  type DiagnosisTable,
} from '../../diagnostics/diagnosis-tables.ts';
import { diagnosisIntroduction, diagnosisMeanings } from '../../diagnostics/diagnosis-words.ts';
import { layerChart, spectrumChart } from './charts/diagnosis-charts.ts';
import { escaped, list, paragraph, table, type Cell } from './markup.ts';

/** What the adapters started from, what they learned, and what they have in common. */
export const diagnosisSection = (
  diagnosis: ComparisonDiagnosis | null,
  colour: (arm: string) => string,
): string => {
  if (diagnosis === null) return '';
  const kinds = [...Map.groupBy(diagnosis.layers, ({ module }) => kindOf(module))];
  const charts = [
    layerChart(diagnosis, colour),
    ...kinds.map(([kind, layers]) => spectrumChart(kind, layers, diagnosis, colour)),
  ].filter((chart) => chart !== '');
  const pairs = pairTable(diagnosis);
  return `<section><h2>Diagnostics</h2>
${paragraph(diagnosisIntroduction(diagnosis), 'muted')}
${asTable(armTable(diagnosis), '')}
${pairs.rows.length === 0 ? '' : asTable(pairs, 'held against each other')}
<div class="charts">${charts.join('\n')}</div>
<details><summary>Layer by layer</summary>
${asTable(layerTable(diagnosis), 'layer')}</details>
<details><summary>What the numbers are</summary>
${list(diagnosisMeanings(diagnosis))}</details>
${list(diagnosis.notices)}</section>`;
};

const asTable = ({ titles, rows }: DiagnosisTable, first: string): string =>
  rows.length === 0
    ? ''
    : table(
        [first, ...titles],
        rows.map(({ label, cells }) => [{ text: label, html: escaped(label) }, ...cells.map(cellOf)]),
      );

/** A range stands below its mean. */
const cellOf = (cell: DiagnosisCell | null): Cell => {
  const { mean, range } = diagnosisCellTexts(cell);
  const below = range === null ? '' : `<br/><small>(${escaped(range)})</small>`;
  return { text: diagnosisCellText(cell), html: `${escaped(mean)}${below}` };
};
