import { describe, expect, test } from 'vitest';
import { compareRuns } from '../../main/services/experiments/comparison.ts';
import type { Experiment, Run } from '../../main/services/shared/entities.ts';
import type { RunSummary } from '../../main/engine/metrics/summary.ts';
import { definition, summary } from './test-world.ts';

const compare = (...summaries: (Partial<RunSummary> | null)[]) => {
  const { configurations } = definition({
    configurations: summaries.map((_, index) => ({
      name: `c${index}`,
      adapter: { method: 'lora' as const },
    })),
  });
  const runs = summaries.map((changes, index): Run => ({
    id: `run${index}`,
    experimentId: 'experiment',
    configuration: configurations[index]!,
    status: changes === null ? 'failed' : 'completed',
    step: 0,
    steps: 10,
    progress: null,
    summary: changes === null ? null : summary(changes),
    latest: {},
    error: null,
    notices: [],
    checkpointStep: null,
    adapterId: null,
    createdAt: '',
    startedAt: null,
    endedAt: null,
  }));
  return compareRuns({ id: 'experiment', runs } as Experiment);
};
const caveat =
  'one seed and one held-out part, so as a rule of thumb a difference under 1 % of the loss before (0.0300) may be noise';

describe('comparing runs', () => {
  test('keeps the order of the configurations and finds the lowest held-out loss', () => {
    const { rows, bestRunId, standing, verdict } = compare(
      { 'validation/loss': 2.2 },
      { 'validation/loss': 2, 'run/trained_parameters': 4000 },
    );
    expect(rows.map(({ runId }) => runId)).toEqual(['run0', 'run1']);
    expect(bestRunId).toBe('run1');
    expect(standing).toBe('ahead');
    expect(verdict).toBe(
      `“c1” is ahead (held-out loss 2.000, 3.000 before), 0.200 below “c0” and with 4.0 times the trained parameters; ${caveat}.`,
    );
  });

  test('does not call noise a difference', () => {
    const { bestRunId, verdict } = compare(
      { 'validation/loss': 2 },
      { 'validation/loss': 2.02, 'run/trained_parameters': 4000 },
    );
    expect(bestRunId).toBe('run0');
    expect(verdict).toBe(
      `“c0” (held-out loss 2.000, 3.000 before) and “c1” can't be told apart: they differ by 0.0200, the former with 25 % of the trained parameters; ${caveat}.`,
    );
  });

  test('says when nothing improved on the base model', () => {
    expect(compare({ 'validation/loss': 0, 'validation/loss/before': 0 }).standing).toBe('no better');
    expect(compare({ 'validation/loss': 3.1 }, { 'validation/loss': 2.99 }).standing).toBe('no better');
    expect(compare({ 'validation/loss': 3.1 }, { 'validation/loss': 2.99 }).verdict).toBe(
      `No configuration clearly improved on the base model: its held-out loss was 3.000 before and is 2.990 at best; ${caveat}.`,
    );
  });

  test('says of whom the best evaluation was picked', () => {
    const { bestRunId, verdict } = compare({ 'validation/loss': 2.05 }, { 'run/kept_step': 4 });
    expect(bestRunId).toBe('run1');
    expect(verdict).toContain(
      `${caveat}; the loss of “c1” is the lowest of several evaluations on that part, which flatters it.`,
    );
  });

  test('says what is missing', () => {
    expect(compare(null, null)).toMatchObject({
      bestRunId: null,
      standing: 'nothing',
      verdict: 'No run is completed yet: there is nothing to compare.',
    });
    expect(compare(null, {}).standing).toBe('alone');
    expect(compare(null, {}).verdict).toBe(
      `“c1” improved on the base model (held-out loss 2.000, 3.000 before); ${caveat} (1 of 2 runs are completed).`,
    );
    expect(compare({}, { 'validation/loss': 2.5 }, null).verdict).toContain(
      'with as many trained parameters',
    );
  });
});
