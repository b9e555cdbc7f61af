import { describe, expect, it } from 'vitest';
import { withDerived } from '../../../main/engine/metrics/derived.ts';
import { metricRegistry } from '../../../main/engine/metrics/registry.ts';
import { runSummarySchema, summaryValue, type RunSummary } from '../../../main/engine/metrics/summary.ts';

const summary: RunSummary = {
  'run/trained_parameters': 10,
  'run/total_parameters': 100,
  'validation/loss/before': 3,
  'validation/loss': 2,
  'train/step_seconds': 0.1,
  'train/tokens_per_second': 100,
  'run/initialisation_seconds': 0,
  'run/total_seconds': 3,
  'run/peak_memory_bytes': 1e8,
};

describe('the registry', () => {
  it('names each metric once, and only metrics that there are', () => {
    const names = metricRegistry.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { summary: kept, from } of metricRegistry) {
      if (kept?.partOf !== undefined) expect(names).toContain(kept.partOf);
      if (from !== undefined) expect(names).toContain(from.metric);
    }
  });

  it('draws what is measured over the steps, and compares what runs keep', () => {
    for (const { name, shown, summary: kept } of metricRegistry) {
      expect(shown.curve === null, name).toBe(name.startsWith('run/'));
      if (name.startsWith('run/')) expect(kept, name).not.toBeNull();
      if (kept?.columns.includes('before')) expect(name).toMatch(/^validation\//);
    }
  });
});

describe('a summary', () => {
  it('has what every run tells, and keeps what it does not know', () => {
    expect(runSummarySchema.parse({ ...summary, 'of another/version': 1 })).toMatchObject({
      'of another/version': 1,
    });
    const { 'validation/loss/before': _, ...incomplete } = summary;
    expect(() => runSummarySchema.parse(incomplete)).toThrow();
  });

  it('gives a column its number, or none', () => {
    expect(summaryValue(summary, 'validation/loss', 'change')).toBe(-1);
    expect(summaryValue(summary, 'run/peak_memory_bytes', 'once')).toBe(1e8);
    expect(summaryValue(summary, 'validation/accuracy', 'before')).toBeUndefined();
    expect(summaryValue(summary, 'validation/accuracy', 'change')).toBeUndefined();
  });
});

describe('what follows from what was measured', () => {
  it('is told of the objectives that it means something for', () => {
    for (const { name, from } of metricRegistry) {
      if (from === undefined) continue;
      for (const objective of ['next-token', 'classification'] as const)
        expect(name in withDerived({ [from.metric]: 1 }, objective)).toBe(
          from.objectives.includes(objective),
        );
    }
    expect(withDerived(summary, 'classification')).toEqual(summary);
  });

  it('is the perplexity where tokens are predicted, at every moment of a summary', () => {
    expect(withDerived({ ...summary, 'validation/loss/last': 2.5 }, 'next-token')).toEqual({
      ...summary,
      'validation/loss/last': 2.5,
      'validation/perplexity': Math.exp(2),
      'validation/perplexity/before': Math.exp(3),
      'validation/perplexity/last': Math.exp(2.5),
    });
    // More than a number can hold.
    expect(withDerived({ 'validation/loss': 1000 }, 'next-token')).toEqual({ 'validation/loss': 1000 });
  });
});
