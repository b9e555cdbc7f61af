import type { CostAnswer, MetricAnswer } from '../answer/comparison-answer.ts';
import { valueText } from '../answer/number-text.ts';
import { partTables } from '../answer/part-tables.ts';
import {
  absent,
  armCells,
  armTitles,
  confusionTables,
  lineCells,
  metricTitle,
  pairCells,
  pairTitles,
  tuningRows,
  tuningTitle,
  tuningTitles,
} from './answer-rows.ts';
import { classTable } from './class-rows.ts';
import type { ComparisonDiagnosis } from '../diagnostics/comparison-diagnosis.ts';
import { diagnosisCellText } from '../diagnostics/diagnosis-cell.ts';
import { armTable, kindTable, pairTable, type DiagnosisTable } from '../diagnostics/diagnosis-tables.ts';
import { diagnosisIntroduction, diagnosisMeanings } from '../diagnostics/diagnosis-words.ts';
import { ratioText } from './ratio-text.ts';
import type { ReportData } from './report-data.ts';
import { settingRows } from './settings-rows.ts';
import { atShots, shotRows, shotTitle, shotTitles } from './shot-rows.ts';

/** Markdown as GitHub reads it. */
export const markdownReport = (data: ReportData): string => {
  const { answer, confounds, provenance } = data;
  const sections = [
    `# ${escaped(data.name)}`,
    `**${escaped(answer.sentence)}**`,
    bullets(answer.points),
    ...answer.shotCurves.map(
      (curve) =>
        `## ${escaped(shotTitle(curve))}\n\n${table(shotTitles(curve), shotRows(curve))}\n\n_${escaped(curve.band)}_`,
    ),
    ...partTables(answer.metrics).map(
      ({ title, titles, rows }) => `## ${escaped(title)}\n\n${table(titles, rows)}`,
    ),
    ...answer.metrics.map((metric) => metricSection(metric, answer.level)),
    answer.costs.length === 0 ? '' : `## Costs\n\n${costTable(answer.costs)}`,
    ...answer.tuning.map(
      (tuning) =>
        `## ${escaped(tuningTitle(tuning))}\n\n${table(tuningTitles(tuning), tuningRows(tuning))}\n\n${bullets(tuning.caveats)}`,
    ),
    diagnosisSection(data.diagnosis),
    `## What differs besides the method\n\n${
      confounds.length === 0
        ? 'Nothing that the workbench knows of.'
        : bullets(
            confounds.map(
              ({ name, sentence, accepted }) => `${name}${accepted ? ' (accepted)' : ''}: ${sentence}`,
            ),
          )
    }`,
    `## Settings\n\n${table(
      ['setting', ...data.arms.map(({ name }) => name), ''],
      settingRows(data).map(({ path, values, differs }) => [path, ...values, differs ? 'differs' : '']),
    )}`,
    `## Where the numbers come from\n\n${table(
      ['', ''],
      [
        ['comparison', data.id],
        ['written', data.createdAt],
        ...provenance.facts.map(({ label, value }) => [label, value]),
      ],
    )}`,
    provenance.files.length === 0
      ? ''
      : table(
          ['file', 'role', 'SHA-256'],
          provenance.files.map(({ name, role, sha256 }) => [name, role, sha256]),
        ),
    table(
      ['run', 'arm', 'seed', 'status', 'notices'],
      provenance.runs.map(({ runId, arm, shots, seed, status, notices }) => [
        runId,
        `${arm}${atShots(shots)}`,
        String(seed),
        status,
        notices.join('. '),
      ]),
    ),
    `## To repeat it\n\n\`${provenance.repeat.fileName}\`:\n\n${fenced(provenance.repeat.text)}`,
  ];
  return `${sections.filter((section) => section.trim() !== '').join('\n\n')}\n`;
};

const metricSection = (metric: MetricAnswer, level: number): string =>
  [
    `## ${escaped(metricTitle(metric))}${metric.decides ? ' (decides)' : ''}`,
    metric.gate === '' ? '' : `> ${escaped(metric.gate)}`,
    table(armTitles(metric, level), [
      ...metric.arms.map((arm) => armCells(metric, arm)),
      ...lineCells(metric),
    ]),
    metric.pairs.length === 0
      ? ''
      : table(
          pairTitles(level),
          metric.pairs.map((pair) => pairCells(metric, pair)),
        ),
    ...classParts(metric),
    ...confusionTables(metric).flatMap(({ title, words, titles, rows }) => [
      `${escaped(title)}, ${escaped(words)}:`,
      table(titles, rows),
    ]),
    bullets(
      metric.pairs.flatMap(({ words, caveats, agreement }) => [
        [words, ...caveats].join(' '),
        ...(agreement === null ? [] : [agreement.words]),
      ]),
    ),
    `_${escaped([metric.family, ...metric.caveats].join(' '))}_`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');

const classParts = (metric: MetricAnswer): string[] => {
  const found = classTable(metric);
  return found === null ? [] : ['Of each class, right:', table(found.titles, found.rows)];
};

/** Layers by their kinds; the file of numbers has each. */
const diagnosisSection = (diagnosis: ComparisonDiagnosis | null): string => {
  if (diagnosis === null) return '';
  const tables = [
    diagnosisTable('', armTable(diagnosis)),
    diagnosisTable('held against each other', pairTable(diagnosis)),
    diagnosisTable('kind of layer', kindTable(diagnosis)),
  ];
  return [
    '## Diagnostics',
    escaped(diagnosisIntroduction(diagnosis)),
    ...tables,
    bullets([...diagnosisMeanings(diagnosis), ...diagnosis.notices]),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
};

const diagnosisTable = (first: string, { titles, rows }: DiagnosisTable): string =>
  rows.length === 0
    ? ''
    : table(
        [first, ...titles],
        rows.map(({ label, cells }) => [label, ...cells.map(diagnosisCellText)]),
      );

const costTable = (costs: readonly CostAnswer[]): string => {
  const arms = costs[0]!.arms.map(({ arm }) => arm);
  return table(
    ['cost', ...arms],
    costs.map(({ label, shots, unit, arms: own }) => [
      `${label}${atShots(shots)}`,
      ...own.map((arm) => (arm.mean === null ? absent : `${valueText(arm.mean, unit)}${ratioText(arm)}`)),
    ]),
  );
};

const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [titles.map(escaped), titles.map(() => '---'), ...rows.map((row) => row.map(escaped))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');

const bullets = (texts: readonly string[]): string => texts.map((text) => `- ${escaped(text)}`).join('\n');

/** What Markdown, or the HTML in it, would take for markup. */
const escaped = (text: string): string =>
  text
    .replace(/[\\`*_[\]|~#]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/\s*[\r\n]+\s*/g, ' ');

/** In a fence longer than any in the text. */
const fenced = (text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text.trimEnd()}\n${fence}`;
};
