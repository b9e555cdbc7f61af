import type { CostAnswer, MetricAnswer, TuningAnswer } from '../answer/comparison-answer.ts';
import { valueText } from '../answer/number-text.ts';
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
import { partTables } from '../answer/part-tables.ts';
import { atShots, shotRows, shotTitle, shotTitles } from './shot-rows.ts';

/** A document of booktabs tables that compiles by itself with pdfLaTeX; the tables can be copied out of it. */
export const latexReport = (data: ReportData): string => {
  const { answer, confounds, provenance } = data;
  const parts = [
    `\\documentclass{article}
\\usepackage[utf8]{inputenc}
\\usepackage[T1]{fontenc}
\\usepackage{textcomp}
\\usepackage{booktabs}
\\usepackage{graphicx}
\\usepackage{longtable}
\\usepackage[margin=2cm]{geometry}
\\title{${latex(data.name)}}
\\date{${latex(data.createdAt)}}
\\begin{document}
\\maketitle`,
    `\\noindent\\textbf{${latex(answer.sentence)}}`,
    list(answer.points),
    ...answer.shotCurves.flatMap((curve) => [
      `\\section*{${latex(shotTitle(curve))}}`,
      floatTable(shotTitles(curve), shotRows(curve), `${shotTitle(curve)}. ${curve.band}`),
    ]),
    ...partTables(answer.metrics).flatMap(({ title, titles, rows }) => [
      `\\section*{${latex(title)}}`,
      floatTable(titles, rows, title),
    ]),
    ...answer.metrics.flatMap((metric) => metricTables(metric, answer.level)),
    answer.costs.length === 0 ? '' : costTable(answer.costs),
    ...answer.tuning.flatMap(tuningParts),
    ...diagnosisParts(data.diagnosis),
    confounds.length === 0
      ? ''
      : `\\section*{What differs besides the method}\n${list(confounds.map(({ name, sentence, accepted }) => `${name}${accepted ? ' (accepted)' : ''}: ${sentence}`))}`,
    '\\section*{Settings}',
    longTable(
      ['setting', ...data.arms.map(({ name }) => name)],
      settingRows(data).map(({ path, values }) => [path, ...values]),
    ),
    '\\section*{Where the numbers come from}',
    longTable(
      ['', ''],
      [['comparison', data.id], ...provenance.facts.map(({ label, value }) => [label, value])],
    ),
    longTable(
      ['run', 'arm', 'seed', 'status'],
      provenance.runs.map(({ runId, arm, shots, seed, status }) => [
        runId,
        `${arm}${atShots(shots)}`,
        String(seed),
        status,
      ]),
    ),
    provenance.files.length === 0
      ? ''
      : longTable(
          ['file', 'SHA-256'],
          provenance.files.map(({ name, sha256 }) => [name, sha256]),
          [0.32, 0.68],
        ),
    '\\section*{To repeat it}',
    `\\noindent Save this as \\texttt{${latex(provenance.repeat.fileName)}}.`,
    listing(provenance.repeat.text),
    '\\end{document}',
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
};

const metricTables = (metric: MetricAnswer, level: number): string[] => {
  const title = metricTitle(metric);
  const arms = [...metric.arms.map((arm) => armCells(metric, arm)), ...lineCells(metric)];
  return [
    `\\section*{${latex(title)}}`,
    metric.gate === '' ? '' : latex(metric.gate),
    floatTable(
      armTitles(metric, level),
      arms,
      `${title}: mean over seeds and items. ${metric.caveats.join(' ')}`,
    ),
    metric.pairs.length === 0
      ? ''
      : floatTable(
          pairTitles(level),
          metric.pairs.map((pair) => pairCells(metric, pair)),
          `${title}: differences. ${metric.family}`,
        ),
    ...classTables(metric, title),
    ...confusionTables(metric).map(({ title: whose, words, titles, rows }) =>
      floatTable(titles, rows, `${title}, ${whose}: ${words}.`),
    ),
    list(metric.pairs.map(({ words, caveats }) => [words, ...caveats].join(' '))),
  ];
};

const classTables = (metric: MetricAnswer, title: string): string[] => {
  const found = classTable(metric);
  return found === null
    ? []
    : [longTable(found.titles, found.rows)].map((table) => `${latex(`${title}, of each class`)}\n\n${table}`);
};

const costTable = (costs: readonly CostAnswer[]): string =>
  floatTable(
    ['cost', ...costs[0]!.arms.map(({ arm }) => arm)],
    costs.map(({ label, shots, unit, arms }) => [
      `${label}${atShots(shots)}`,
      ...arms.map((arm) => (arm.mean === null ? absent : `${valueText(arm.mean, unit)}${ratioText(arm)}`)),
    ]),
    'Costs, as means over the runs.',
  );

const tuningParts = (tuning: TuningAnswer): string[] => [
  `\\section*{${latex(tuningTitle(tuning))}}`,
  longTable(tuningTitles(tuning), tuningRows(tuning)),
  list(tuning.caveats),
];

const diagnosisParts = (diagnosis: ComparisonDiagnosis | null): string[] => {
  if (diagnosis === null) return [];
  const tables: [string, DiagnosisTable][] = [
    ['', armTable(diagnosis)],
    ['held against each other', pairTable(diagnosis)],
    ['kind of layer', kindTable(diagnosis)],
  ];
  return [
    '\\section*{Diagnostics}',
    latex(diagnosisIntroduction(diagnosis)),
    ...tables
      .filter(([, { rows }]) => rows.length > 0)
      .map(([first, { titles, rows }]) =>
        longTable(
          [first, ...titles],
          rows.map(({ label, cells }) => [label, ...cells.map(diagnosisCellText)]),
        ),
      ),
    list([...diagnosisMeanings(diagnosis), ...diagnosis.notices]),
  ];
};

const columnsOf = (titles: readonly string[]): string => `l${'r'.repeat(titles.length - 1)}`;
const row = (cells: readonly string[]): string => `${cells.map(latex).join(' & ')} \\\\`;

const floatTable = (
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  caption: string,
): string =>
  `\\begin{table}[ht]
\\centering
\\small
\\caption{${latex(caption)}}
${shrunk}{\\begin{tabular}{${columnsOf(titles)}}
\\toprule
${row(titles)}
\\midrule
${rows.map(row).join('\n')}
\\bottomrule
\\end{tabular}}
\\end{table}`;

/** Down to the width of the text, and no other table is touched. */
const shrunk = '\\resizebox{\\ifdim\\width>\\textwidth\\textwidth\\else\\width\\fi}{!}';

/**
 * Over pages, with columns that break their lines.
 * @param shares of the width; every column has the same unless told otherwise
 */
const longTable = (
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  shares: readonly number[] = titles.map(() => 1 / titles.length),
): string => {
  // A column has 12 pt beside it, a fortieth of the width.
  const room = 1 - 0.026 * titles.length;
  const columns = shares.map((share) => `p{${(share * room).toFixed(3)}\\textwidth}`).join('');
  return `{\\footnotesize
\\begin{longtable}{${columns}}
\\toprule
${row(titles)}
\\midrule
\\endhead
${rows.map((cells) => row(cells)).join('\n')}
\\bottomrule
\\end{longtable}}`;
};

/** Lines as they stand, with their indents. */
const listing = (text: string): string => {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const indent = line.length - line.trimStart().length;
      const straight = latex(line.trimStart()).replaceAll("'", '\\textquotesingle{}');
      return `\\mbox{}${'~'.repeat(indent)}${straight}`;
    });
  return `{\\footnotesize\\ttfamily\\raggedright\\noindent\n${lines.join('\\\\\n')}\\par}`;
};

const list = (texts: readonly string[]): string =>
  texts.length === 0
    ? ''
    : `\\begin{itemize}\n${texts.map((text) => `\\item ${latex(text)}`).join('\n')}\n\\end{itemize}`;

const specials: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_\\allowbreak{}', // names of settings and files are long
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\textquotedbl{}',
  '[': '{[}', // may follow `\\\\` or `\\item`, which would take it for an option
  ']': '{]}',
  '−': '$-$',
  '–': '--',
  '—': '---',
  '±': '$\\pm$',
  '×': '$\\times$',
  '≤': '$\\leq$',
  '≥': '$\\geq$',
  '°': '$^\\circ$',
  '’': "'",
  '‘': '`',
  '“': '``',
  '”': "''",
  '…': '\\ldots{}',
};

/** Text as LaTeX prints it. A character that pdfLaTeX has no glyph for is written as its code point. */
export const latex = (text: string): string =>
  [...text.replace(/\s*[\r\n]+\s*/g, ' ')]
    .map((character) => {
      const special = specials[character];
      if (special !== undefined) return special;
      const code = character.codePointAt(0)!;
      if (code < 0x20 || code === 0x7f) return '';
      if (code < 0x7f || (code >= 0xc0 && code <= 0x17f)) return character;
      return code === 0xa0 ? '~' : `{[}U+${code.toString(16).toUpperCase().padStart(4, '0')}{]}`;
    })
    .join('');
