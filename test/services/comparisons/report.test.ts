import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { parseDataset } from '../../../main/engine/data/files/dataset-file.ts';
import { reportDataSchema } from '../../../main/services/comparisons/report/report-data.ts';
import { latex } from '../../../main/services/comparisons/report/latex-report.ts';
import { writeReport } from '../../../main/services/comparisons/report/write-report.ts';
import { sampleReport } from './sample-report.ts';

const data = sampleReport();

describe('the HTML report', () => {
  const html = writeReport(data, 'html');

  test('is one file that asks for nothing', () => {
    expect(html).not.toMatch(/<script|<link|@import|url\(|\ssrc=|\shref=|javascript:/i);
    expect(html).toContain("default-src 'none'");
    expect(writeReport(data, 'html')).toBe(html);
  });

  test('closes every element that it opens', () => {
    const open: string[] = [];
    const without = html.replace(/<style>[^]*?<\/style>/, '').replace('<!doctype html>', '');
    for (const [, closing, name, , empty] of without.matchAll(/<(\/?)([a-z0-9]+)((?:\s[^<>]*?)?)(\/?)>/g)) {
      if (empty === '/' || name === 'meta') continue;
      if (closing === '/') expect(open.pop()).toBe(name);
      else open.push(name!);
    }
    expect(open).toEqual([]);
  });

  test('takes names as text', () => {
    expect(html).not.toContain('<b>co</b>');
    expect(html).toContain('rsLoRA &amp; &lt;b&gt;co&lt;/b&gt;');
  });

  test('draws no place that is no number', () => {
    expect(html).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  test('draws the spectrum of each kind of layer, and has a row for each layer', () => {
    expect(html).toContain('Spectrum of what was learned: q_proj');
    expect(html).toContain('Effective rank of what was learned, by layer');
    for (const { module } of data.diagnosis!.layers) expect(html).toContain(`>${module}</th>`);
  });

  test('shows every run, hash and setting', () => {
    for (const { runId } of data.provenance.runs) expect(html).toContain(runId);
    for (const { sha256 } of data.provenance.files) expect(html).toContain(sha256);
    expect(html).toContain('training.schedule.warmup');
  });
});

describe('the CSV report', () => {
  const csv = writeReport(data, 'csv');
  const rows = parse<Record<string, string>>(csv, { columns: true });

  test('is read by the workbench’s own reader and by csv-parse alike', () => {
    const { rows: own } = parseDataset(new TextEncoder().encode(csv), 'report.csv', { separator: 'comma' });
    expect([...own]).toEqual(rows);
  });

  test('has what was found in each adapter, and every layer', () => {
    const find = (wanted: Record<string, string>) =>
      rows.filter((row) => Object.entries(wanted).every(([column, value]) => row[column] === value));
    const { runs, layers } = data.diagnosis!;
    for (const { runId, values } of runs)
      expect(find({ metric: 'effective_rank', run_id: runId })[0]?.['value']).toBe(
        String(values.effective_rank),
      );
    for (const { module, arms } of layers)
      for (const { arm, spectrum } of arms)
        expect(find({ metric: 'spectrum', task: module, arm })).toHaveLength(spectrum.length);
  });

  test('has each run’s score with its run id', () => {
    for (const metric of data.answer.metrics)
      for (const { arm, runs } of metric.arms)
        for (const { runId, score, seed } of runs) {
          const found = rows.find(
            (row) =>
              row['task'] === metric.task &&
              row['metric'] === metric.metric &&
              row['run_id'] === runId &&
              row['quantity'] === 'score',
          );
          expect(found).toMatchObject({ arm, seed: String(seed), value: String(score) });
        }
  });

  test('has every count of what was taken for what', () => {
    const found = rows.filter((row) => row['quantity']!.startsWith('confusion '));
    expect(found.map((row) => [row['arm'], row['other'], row['quantity'], row['value']])).toEqual(
      data.answer.metrics.flatMap(({ confusions }) =>
        (confusions?.subjects ?? []).flatMap(({ arm, counts }) =>
          counts.flatMap((of, right) =>
            of.flatMap((count, said) =>
              count === 0
                ? []
                : [
                    [
                      arm ?? 'base model',
                      confusions!.classes[right],
                      `confusion ${confusions!.classes[said]}`,
                      `${count}`,
                    ],
                  ],
            ),
          ),
        ),
      ),
    );
    expect(found).toHaveLength(9 + 3 * 8);
  });

  test('has settings, versions, hashes and the file that repeats it', () => {
    const of = (quantity: string) => rows.filter((row) => row['quantity'] === quantity);
    const { facts, files, repeat } = data.provenance;
    expect(of('setting').length).toBeGreaterThanOrEqual(data.arms.length);
    expect(of('confound').map((row) => row['metric'])).toEqual(data.confounds.map(({ name }) => name));
    expect(of('fact').map((row) => row['value'])).toEqual(facts.map(({ value }) => value));
    expect(of('sha256').map((row) => row['value'])).toEqual(files.map(({ sha256 }) => sha256));
    expect(of('repeat').map((row) => row['value'])).toEqual([repeat.text]);
  });
});

describe('the LaTeX report', () => {
  test('escapes what LaTeX takes for commands', () => {
    expect(latex('50 % of $x_1 & {y} #2 ~ ^ \\ − ±')).toBe(
      '50 \\% of \\$x\\_\\allowbreak{}1 \\& \\{y\\} \\#2 \\textasciitilde{} \\textasciicircum{} \\textbackslash{} $-$ $\\pm$',
    );
    expect(latex('a\nb 漢')).toBe('a b {[}U+6F22{]}');
  });

  test('has the file that repeats it, line by line, and what was tuned', () => {
    const text = writeReport(data, 'latex');
    for (const line of data.provenance.repeat.text.trimEnd().split('\n'))
      expect(text).toContain(latex(line.trimStart()));
    for (const { label } of data.answer.tuning) expect(text).toContain(` by ${latex(label)}}`);
  });

  test('balances braces and environments, and every row has its columns', () => {
    const text = writeReport(data, 'latex');
    const bare = text.replace(/\\[\\{}%&#$_]/g, '');
    expect(bare.split('{').length).toBe(bare.split('}').length);
    expect(bare).not.toMatch(/[%#]|(?<!\\)_/);
    const names = [...text.matchAll(/\\(begin|end)\{(\w+)\}/g)];
    const open: string[] = [];
    for (const [, kind, name] of names)
      if (kind === 'begin') open.push(name!);
      else expect(open.pop()).toBe(name);
    expect(open).toEqual([]);
    for (const [, columns, body] of text.matchAll(/\\begin\{tabular\}\{(\w+)\}([^]*?)\\end\{tabular\}/g))
      for (const row of body!.split('\n').filter((each) => each.endsWith('\\\\')))
        expect(row.replaceAll('\\&', '').split(' & ')).toHaveLength(columns!.length);
  });
});

describe('the Markdown report', () => {
  const markdown = writeReport(data, 'markdown');

  test('has tables whose rows are as wide as their heads', () => {
    const tables = markdown.split('\n\n').filter((block) => block.startsWith('| '));
    expect(tables.length).toBeGreaterThan(8);
    for (const table of tables) {
      const widths = table.split('\n').map((row) => row.replaceAll('\\|', '').split('|').length);
      expect(new Set(widths).size).toBe(1);
    }
  });

  test('takes names in heads as text', () => {
    const renamed = JSON.parse(JSON.stringify(data).replaceAll('LoRA r16', 'LoRA|r16')) as typeof data;
    const [tables] = writeReport(renamed, 'markdown').split('## To repeat it');
    expect(tables).not.toMatch(/LoRA\|r16/);
  });

  test('takes names as text, and fences the file that repeats it', () => {
    expect(markdown).toContain('rsLoRA &amp; &lt;b>co&lt;/b>');
    expect(markdown).toContain('```\nversion: 1');
  });
});

test('the JSON report is the data', () => {
  expect(reportDataSchema.parse(JSON.parse(writeReport(data, 'json')))).toEqual(data);
});
