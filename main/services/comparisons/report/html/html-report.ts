import type { CostAnswer, ShotCurve } from '../../answer/comparison-answer.ts';
import { valueText } from '../../answer/number-text.ts';
import { partTables, type PartTable } from '../../answer/part-tables.ts';
import { absent } from '../answer-rows.ts';
import { ratioText } from '../ratio-text.ts';
import type { ReportData } from '../report-data.ts';
import { settingRows } from '../settings-rows.ts';
import { atShots, shotRows, shotTitle, shotTitles } from '../shot-rows.ts';
import { curveChart } from './charts/curve-chart.ts';
import { frontChart } from './charts/front-chart.ts';
import { shotChart } from './charts/shot-chart.ts';
import { tuningChart } from './charts/tuning-chart.ts';
import { diagnosisSection } from './diagnosis-section.ts';
import { escaped, list, paragraph, table, type Cell } from './markup.ts';
import { metricSection } from './metric-section.ts';
import { style } from './style.ts';

/** One page with its style and drawings in it: it needs no network and no scripts, and prints. */
export const htmlReport = (data: ReportData): string => {
  const { answer } = data;
  const colour = (arm: string): string => {
    const index = answer.arms.findIndex(({ name }) => name === arm);
    return `arm-${index < 0 ? 0 : (index % 8) + 1}`;
  };
  const legend = answer.arms.map(
    ({ name, method }) =>
      `<li class="${colour(name)}"><span class="swatch"></span><span>${escaped(name)}${method === name ? '' : ` (${escaped(method)})`}</span></li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="NoRA Workbench">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(data.name)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header>
<p class="kind">Comparison ${escaped(data.id)} · ${escaped(data.createdAt)} · ${answer.seeds.length === 1 ? 'seed' : 'seeds'} ${answer.seeds.join(', ')}</p>
<h1>${escaped(data.name)}</h1>
${paragraph(answer.sentence, 'answer')}
${list(answer.points)}
<ul class="legend">${legend.join('')}</ul>
</header>
${answer.shotCurves.map((curve) => shotSection(curve, colour)).join('\n')}
${partTables(answer.metrics).map(partSection).join('\n')}
${answer.metrics.map((metric) => metricSection(metric, answer.level, colour)).join('\n')}
${costSection(data, colour)}
${chartSection(
  'While training',
  answer.curves.map((curve) =>
    curveChart({ ...curve, label: `${curve.label}${atShots(curve.shots)}` }, colour),
  ),
  [],
)}
${chartSection(
  'Tuning',
  answer.tuning.map((tuning) => tuningChart(tuning, colour)),
  answer.tuning.flatMap(({ caveats }) => caveats),
)}
${diagnosisSection(data.diagnosis, colour)}
${setupSections(data)}
</main>
</body>
</html>
`;
};

/** A score by number of shots: drawn, and in numbers. */
const shotSection = (curve: ShotCurve, colour: (arm: string) => string): string => `<section>
<h2>${escaped(shotTitle(curve))}${curve.decides ? ' <span class="verdict">decides</span>' : ''}</h2>
${shotChart(curve, colour)}
${table(shotTitles(curve), shotRows(curve))}
</section>`;

const partSection = ({ title, titles, rows }: PartTable): string => `<section>
<h2>${escaped(title)}</h2>
${table(titles, rows)}
</section>`;

const chartSection = (title: string, charts: readonly string[], caveats: readonly string[]): string => {
  const drawn = charts.filter((chart) => chart !== '');
  if (drawn.length === 0 && caveats.length === 0) return '';
  return `<section><h2>${escaped(title)}</h2>${list(caveats)}<div class="charts">${drawn.join('\n')}</div></section>`;
};

const costSection = ({ answer }: ReportData, colour: (arm: string) => string): string => {
  if (answer.costs.length === 0) return '';
  const rows = answer.costs.map(({ label, shots, unit, arms }) => [
    `${label}${atShots(shots)}`,
    ...arms.map((arm) => costText(arm, unit)),
  ]);
  return `<section><h2>Costs</h2>
${table(['', ...answer.arms.map(({ name }) => name)], rows)}
${paragraph('Means over the runs; in brackets the ratio to the first arm.', 'muted')}
<div class="charts">${answer.fronts.map((front) => frontChart(front, colour)).join('\n')}</div></section>`;
};

const costText = (arm: CostAnswer['arms'][number], unit: CostAnswer['unit']): string =>
  arm.mean === null ? absent : `${valueText(arm.mean, unit)}${ratioText(arm)}`;

/** What was set, what it ran on, which runs, and how to do it again. */
const setupSections = (data: ReportData): string => {
  const { confounds, provenance, answer } = data;
  const settings = settingRows(data).map(({ path, values, differs }) => {
    const tone = differs ? { tone: 'differs' } : {};
    return [path, ...values].map((text): Cell => ({ text, ...tone }));
  });
  const differences = confounds.map(
    ({ name, sentence, accepted }) => `${name}${accepted ? ' (accepted)' : ''}: ${sentence}`,
  );
  const metrics = [
    ...Map.groupBy(
      answer.metrics.filter(({ meanOf }) => meanOf.length === 0),
      ({ label, task }) => `${label}, ${task}`,
    ),
  ];
  const runs = provenance.runs.map(({ runId, arm, shots, seed, status, notices }) => [
    `${arm}${atShots(shots)}`,
    String(seed),
    runId,
    [status, ...notices].join('. '),
    ...metrics.map(([, family]) => {
      const all = family.flatMap(({ arms }) => arms.flatMap((own) => own.runs));
      const run = all.find((own) => own.runId === runId);
      return run === undefined ? absent : valueText(run.score, family[0]!.unit);
    }),
  ]);
  return `<section><h2>What differs besides the method</h2>
${differences.length === 0 ? paragraph('Nothing that the workbench knows of.') : list(differences)}</section>
<section><h2>Settings</h2>
${table(['', ...data.arms.map(({ name }) => name)], settings, 'settings')}</section>
<section><h2>Where the numbers come from</h2>
${table(
  ['', ''],
  provenance.facts.map(({ label, value }) => [label, value]),
  'facts',
)}
${
  provenance.files.length === 0
    ? ''
    : table(
        ['file', 'role', 'SHA-256'],
        provenance.files.map(({ name, role, sha256 }) => [name, role, sha256]),
        'hash',
      )
}
<h3>Every run</h3>
${table(['arm', 'seed', 'run', 'status', ...metrics.map(([title]) => title)], runs, 'runs')}</section>
<section><h2>To repeat it</h2>
${paragraph(`Save this as ${provenance.repeat.fileName}.`, 'muted')}
<pre>${escaped(provenance.repeat.text)}</pre></section>`;
};
