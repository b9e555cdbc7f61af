import type { Metric, MetricValues, Run, RunSummary } from '../../../main/api/contract.ts';
import type { StoredMetrics } from '../../../main/services/runs/metric-series.ts';

/** Recorded metrics as the store would give them. They are too few to be told in portions. */
export const storedIn = (recorded: (runId: string) => readonly Metric[]): StoredMetrics => {
  const named = (runId: string, name: string, from: number, to: number): Metric[] =>
    recorded(runId).filter((metric) => metric.name === name && metric.step >= from && metric.step <= to);
  return {
    columns: (runId, name, from, to) => {
      const kept = named(runId, name, from, to);
      return { steps: kept.map(({ step }) => step), values: kept.map(({ value }) => value) };
    },
    portions: () => {
      throw new Error('the made-up runs have thousands of steps at most');
    },
    lastStep: (runId, name) => recorded(runId).findLast((metric) => metric.name === name)?.step,
    lastUpTo: (runId, name, step) => named(runId, name, 0, step).at(-1),
    sumThrough: (runId, name, step) => named(runId, name, 0, step).reduce((sum, { value }) => sum + value, 0),
    stepWhereSumReaches: (runId, name, wanted) => {
      let sum = 0;
      return named(runId, name, 0, Infinity).find(({ value }) => (sum += value) >= wanted)?.step;
    },
  };
};

/** A number in [-1, 1] that looks random and is the same each time. */
const noise = (seed: number): number => {
  const value = Math.sin(seed * 12.9898) * 43_758.5453;
  return 2 * (value - Math.floor(value)) - 1;
};

const floorOf = (method: string): number => (method === 'nora' ? 2.05 : 2.18);

/** The fake counts to a hundred where the length is in epochs or tokens. */
export const stepsOf = ({ steps }: Run): number => steps ?? 100;

const lossAt = (run: Run, step: number): number =>
  floorOf(run.configuration.adapter.method) + 1.6 * Math.exp((-5 * step) / stepsOf(run));

/** What a run would record after a step. */
export const metricsAt = (run: Run, step: number): Metric[] => {
  const train = { step, name: 'train/loss', value: lossAt(run, step) + 0.12 * noise(step + run.id.length) };
  const others = Object.entries({
    'train/gradient_norm': 0.4 + 0.1 * noise(step),
    'train/learning_rate': 2e-4 * (1 - step / stepsOf(run)),
    'train/step_seconds': 0.21 + 0.02 * noise(2 * step),
    'train/tokens_per_second': 4830 + 300 * noise(3 * step),
  } satisfies MetricValues).map(([name, value]) => ({ step, name, value }));
  const isEvaluation = step % Math.max(1, Math.round(stepsOf(run) / 5)) === 0 || step === stepsOf(run);
  const heldOut = isEvaluation ? [heldOutAt(run, step)] : [];
  return [train, ...others, ...heldOut];
};

export const heldOutAt = (run: Run, step: number): Metric => ({
  step,
  name: 'validation/loss',
  value: lossAt(run, step) + 0.09,
});

export const summaryOf = (run: Run): RunSummary => ({
  'run/trained_parameters': run.configuration.adapter.method === 'lora' ? 145_408 : 57_344,
  'run/total_parameters': 1_327_104,
  'validation/loss/before': heldOutAt(run, 0).value,
  'validation/loss': heldOutAt(run, stepsOf(run)).value,
  'run/steps': stepsOf(run),
  'run/evaluations': 5,
  'train/step_seconds': 0.212,
  'train/tokens_per_second': 4830,
  'run/initialisation_seconds': run.configuration.adapter.method === 'lora' ? 0.012 : 1.94,
  'run/total_seconds': 0.3 * stepsOf(run) + 4,
  'run/peak_memory_bytes': 412_000_000,
});
