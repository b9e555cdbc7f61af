import { describe, expect, test } from 'vitest';
import { comparisonText } from '../../main/cli/comparison-text.ts';
import { exportText } from '../../main/cli/export-run.ts';
import {
  bytesText,
  countText,
  differenceText,
  lossText,
  metricText,
  plural,
  secondsText,
} from '../../main/cli/quantities.ts';
import { formatFields, formatTable } from '../../main/cli/table.ts';
import { adapterSettingsSchema } from '../../main/api/contract.ts';
import type { Export, MergeCertificate, RunSummary } from '../../main/api/contract.ts';

test('quantities keep the digits that count', () => {
  expect([0, 999, 1000, 1_234_567, 123_456_789_000].map(bytesText)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.2 MB',
    '123 GB',
  ]);
  expect([0.01234, 1.234, 12.34, 123.4].map(secondsText)).toEqual(['0.012', '1.23', '12.3', '123']);
  expect([0, 1.234e-6].map(differenceText)).toEqual(['0', '1.2e-6']);
  expect(lossText(2.34567)).toBe('2.3457');
  expect(
    [undefined, 2e-4, 0.5123, 12.34, 4830.2].map((value) => metricText({ unit: 'number' }, value)),
  ).toEqual(['–', '2e-4', '0.512', '12.3', '4,830']);
  expect(countText(1_234_567)).toBe('1,234,567');
  expect([plural(1, 'row'), plural(0, 'row'), plural(2000, 'row')]).toEqual([
    '1 row',
    '0 rows',
    '2,000 rows',
  ]);
});

test('a table aligns words to the left and numbers to the right, without trailing space', () => {
  const rows = [
    { name: 'a', count: 5 },
    { name: 'longer', count: 12345 },
  ];
  const table = formatTable(rows, [
    { title: 'name', text: ({ name }) => name },
    { title: 'n', text: ({ count }) => countText(count), isNumber: true },
    { title: 'last', text: ({ name }) => name },
  ]);
  expect(table).toBe(['name         n  last', 'a            5  a', 'longer  12,345  longer'].join('\n'));
});

test('fields without a value are left out', () => {
  expect(formatFields({ id: 'x', 'longer name': 'y', gone: null })).toBe('id           x\nlonger name  y');
});

const summary: RunSummary = {
  'run/trained_parameters': 73_728,
  'run/total_parameters': 2_000_000,
  'validation/loss/before': 4.56789,
  'validation/loss': 3.98766,
  'run/steps': 20,
  'train/step_seconds': 0.4321,
  'train/tokens_per_second': 1000,
  'run/initialisation_seconds': 1.5,
  'run/total_seconds': 30,
  'run/peak_memory_bytes': 412_000_000,
};

describe('a comparison', () => {
  const row = (runId: string, name: string, method: string, given: RunSummary | null) =>
    ({ runId, name, method, status: given === null ? 'created' : 'completed', summary: given }) as const;

  test('marks the best and says what it means', () => {
    const rows = [
      row('a', 'LoRA r16', 'lora', summary),
      row('b', 'NoRA', 'nora', { ...summary, 'validation/loss': 3.9 }),
    ];
    expect(
      comparisonText({
        experimentId: 'e',
        rows,
        bestRunId: 'b',
        standing: 'ahead',
        verdict: 'NoRA is ahead.',
      }),
    ).toBe(
      [
        'configuration  method  trained  loss before  loss after  s/step  initialisation s  peak memory',
        'LoRA r16       lora     73,728       4.5679      3.9877   0.432              1.50       412 MB',
        'NoRA *         nora     73,728       4.5679      3.9000   0.432              1.50       412 MB',
        '',
        'Loss is on held-out data. * has the lowest.',
        'NoRA is ahead.',
      ].join('\n'),
    );
  });

  test('says at which step a run was best, and how it ended', () => {
    const kept = {
      ...summary,
      'validation/loss': 3.9,
      'validation/loss/last': 4.1,
      'run/evaluations': 4,
      'run/kept_step': 15,
    };
    const rows = [row('a', 'LoRA', 'lora', kept), row('b', 'NoRA', 'nora', summary)];
    const text = comparisonText({ experimentId: 'e', rows, bestRunId: 'a', standing: 'alone', verdict: '' });
    expect(text).toMatch(/loss after +at step +last loss +s\/step/);
    expect(text).toMatch(/LoRA \* .* 3\.9000 +15 +4\.1000 +0\.432/);
    expect(text).toMatch(/NoRA .* 3\.9877 +– +– +0\.432/);
  });

  test('shows what only some runs measure where one has it', () => {
    const rows = [
      row('a', 'LoRA', 'lora', { ...summary, 'validation/perplexity': 53.93 }),
      row('b', 'NoRA', 'nora', summary),
    ];
    const text = comparisonText({ experimentId: 'e', rows, bestRunId: 'a', standing: 'alone', verdict: '' });
    expect(text).toMatch(/loss after +perplexity +s\/step/);
    expect(text).toMatch(/LoRA \* .* 3\.9877 +53\.9 +0\.432/);
    expect(text).toMatch(/NoRA .* 3\.9877 +– +0\.432/);
  });

  test('shows the status while not all runs are complete', () => {
    const rows = [row('a', 'LoRA', 'lora', summary), row('b', 'NoRA', 'nora', null)];
    const text = comparisonText({
      experimentId: 'e',
      rows,
      bestRunId: null,
      standing: 'nothing',
      verdict: 'Nothing to say yet.',
    });
    expect(text).toContain('status');
    expect(text).toMatch(/NoRA +nora +created( +–){6}\n/);
    expect(text).toContain('Loss is on held-out data.\nNothing to say yet.');
  });
});

describe('an export', () => {
  const exported: Export = {
    id: 'x',
    adapterId: 'a',
    runId: 'r',
    kind: 'merged',
    destination: '/out/merged',
    status: 'completed',
    progress: null,
    summary: {
      destination: '/out/merged',
      files: ['model.safetensors'],
      bytes: 4_100_000,
      largestLogitDifference: 0.0123,
      largestLogitDifferenceUnrounded: 1.9e-6,
      largestLogit: 12.34,
      promptTokens: 96,
    },
    error: null,
    createdAt: '2026-01-01T00:00:00.000Z',
  };

  test('says where it is and how exact', () => {
    expect(exportText(exported)).toBe(
      'The merged weights (4.1 MB) are in /out/merged\n' +
        'Checked on 96 tokens against base + adapter: logits differ by 1.2e-2 at most (1.9e-6 before rounding; the largest logit is 12.3)',
    );
  });

  test('says what its certificate says', () => {
    const file = { name: 'model.safetensors', bytes: 10, sha256: 'ab' };
    const on = { data: 'held-out', file, rows: 32, tokens: 4096, scored: 4000, reason: null } as const;
    const certificate: MergeCertificate = {
      ...{ version: 1, kind: 'merged', createdAt: '2026-01-01T00:00:00.000Z' },
      versions: { workbench: '1', node: '24', onnxruntime: '1' },
      logits: {
        largestDifference: 1,
        meanDifference: 1,
        largestDifferenceUnrounded: 1,
        largest: 1,
        tokens: 1,
      },
      metrics: { on, values: [{ name: 'loss', before: 2.5, after: 2.51 }] },
      ...{ base: { name: 'base', files: [file, file] }, exported: { files: [file] } },
      adapter: { settings: adapterSettingsSchema.parse({ method: 'lora' }), files: [file, file, file] },
    };
    const text = exportText({
      ...exported,
      summary: { ...exported.summary!, meanLogitDifference: 1e-4, certificate },
    });
    expect(text.split('\n').slice(1)).toEqual([
      'Checked on 96 tokens against base + adapter: logits differ by 1.2e-2 at most and 1.0e-4 on average (1.9e-6 before rounding; the largest logit is 12.3)',
      'Measured on 32 held-out rows (4,096 tokens): loss 2.5000 before and 2.5100 after',
      'merge-certificate.json has the SHA-256 of every file: 1 exported, 2 of the base, 3 of the adapter',
    ]);
  });

  test('says what there is to know of its files', () => {
    const notices = ['lm_head is written as a weight of its own'];
    const text = exportText({ ...exported, summary: { ...exported.summary!, notices } });
    expect(text.split('\n').slice(0, 2)).toEqual([
      'The merged weights (4.1 MB) are in /out/merged',
      ...notices,
    ]);
  });

  test('that failed says why', () => {
    expect(exportText({ ...exported, status: 'failed', summary: null, error: 'no space left' })).toBe(
      'The export failed: no space left',
    );
  });
});
