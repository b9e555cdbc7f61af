import type { MetricAnswer, PairAnswer } from '../../answer/comparison-answer.ts';
import { pText } from '../../answer/number-text.ts';
import {
  armCells,
  armTitles,
  confusionTables,
  lineCells,
  metricTitle,
  pairCells,
  pairTitles,
} from '../answer-rows.ts';
import { classTable } from '../class-rows.ts';
import { armChart } from './charts/arm-chart.ts';
import { pairChart } from './charts/pair-chart.ts';
import { escaped, paragraph, table, type Cell } from './markup.ts';

/** Everything on one metric: what bars a ranking first, then arms, then pairs. */
export const metricSection = (
  metric: MetricAnswer,
  level: number,
  colour: (arm: string) => string,
): string => {
  const lines = lineCells(metric).map((cells) => cells.map((text): Cell => ({ text, tone: 'line' })));
  return `<section>
<h2>${escaped(metricTitle(metric))}${metric.decides ? ' <span class="verdict">decides</span>' : ''}</h2>
${metric.meanOf.length === 0 ? '' : paragraph(`Unweighted mean of ${metric.meanOf.join(', ')}; items and seeds are drawn in each.`, 'muted')}
${paragraph(metric.gate, 'gate')}
${armChart(metric, level, colour)}
${table(armTitles(metric, level), [...metric.arms.map((arm) => armCells(metric, arm)), ...lines])}
${pairChart(metric, level)}
${
  metric.pairs.length === 0
    ? ''
    : table(
        pairTitles(level),
        metric.pairs.map((pair) => pairRow(metric, pair)),
      )
}
${metric.pairs.map(pairWords).join('\n')}
${confusionDetails(metric)}
${paragraph([metric.family, ...metric.caveats].join(' '), 'muted')}
</section>`;
};

const confusionDetails = (metric: MetricAnswer): string => {
  const ofClasses = classTable(metric);
  const tables = confusionTables(metric).map(
    ({ title, words, titles, rows }) => `<h3>${escaped(title)}</h3>
${paragraph(`${words[0]!.toUpperCase()}${words.slice(1)}.`, 'muted')}
${table(titles, rows)}`,
  );
  return tables.length === 0
    ? ''
    : `<details><summary>What was taken for what</summary>
${ofClasses === null ? '' : table(ofClasses.titles, ofClasses.rows)}
${tables.join('\n')}</details>`;
};

const badge = (verdict: string): Cell => ({
  text: verdict,
  html: `<span class="verdict ${verdict.replaceAll(' ', '-')}">${escaped(verdict)}</span>`,
});

const pairRow = (metric: MetricAnswer, pair: PairAnswer): (string | Cell)[] => [
  ...pairCells(metric, pair).slice(0, -1),
  badge(pair.verdict),
];

const pairWords = ({ words, caveats, agreement, tests, verdict }: PairAnswer): string => {
  const rest = verdict === 'not comparable' ? [] : caveats;
  const others = tests.slice(1);
  const beside = [...new Set(others.map(({ scope }) => scope))].map((scope) => {
    const own = others.filter((test) => test.scope === scope);
    return `of ${scope}: ${own.map(({ label, p }) => `${label} ${pText(p)}`).join(', ')}`;
  });
  return `<div class="pair">
${paragraph(words)}
${agreement === null ? '' : paragraph(agreement.words)}
${rest.map((text) => paragraph(text, 'caveats')).join('')}
${beside.length === 0 ? '' : paragraph(`Other tests, ${beside.join('; ')}.`, 'caveats')}
</div>`;
};
