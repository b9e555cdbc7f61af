import { decidingMetric } from '../../engine/metrics/registry.ts';
import { atMoment, type RunSummary } from '../../engine/metrics/summary.ts';
import type { Experiment, ExperimentComparison } from '../shared/entities.ts';

type Row = ExperimentComparison['rows'][number];
type CompletedRow = Row & { readonly summary: RunSummary };

/** Rows in the order of the configurations. */
export const compareRuns = ({ id, runs }: Experiment): ExperimentComparison => {
  const rows = runs.map(({ id: runId, configuration, status, summary }): Row => ({
    runId,
    name: configuration.name,
    method: configuration.adapter.method,
    status,
    summary,
  }));
  const ranked = rows
    .filter((row): row is CompletedRow => row.status === 'completed' && row.summary !== null)
    .sort((a, b) => a.summary[decidingMetric] - b.summary[decidingMetric]);
  return {
    experimentId: id,
    rows,
    bestRunId: ranked[0]?.runId ?? null,
    ...verdictOn(ranked, rows.length),
  };
};

/**
 * A convention, not a measurement: one run per configuration can't tell how far another seed would have landed, so a difference
 * of up to 1 % of the held-out loss is not called one, nor is any where that loss is 0.
 */
const noiseShare = 0.01;

type Verdict = Pick<ExperimentComparison, 'standing' | 'verdict'>;

const verdictOn = (ranked: readonly CompletedRow[], asked: number): Verdict => {
  const [best, second] = ranked;
  if (best === undefined)
    return { standing: 'nothing', verdict: 'No run is completed yet: there is nothing to compare.' };
  const { [decidingMetric]: after, [atMoment(decidingMetric, 'before')]: before } = best.summary;
  const noise = noiseShare * before;
  const caveat = `one seed and one held-out part, so as a rule of thumb a difference under 1 % of the loss before (${loss(noise)}) may be noise`;
  const caveats = `${caveat}${flatteryOf(ranked)}`;
  const soFar = ranked.length < asked ? ` (${ranked.length} of ${asked} runs are completed)` : '';

  if (before - after <= noise) {
    const whose =
      ranked.length === 1 ? `${named(best)} did not clearly improve` : 'No configuration clearly improved';
    return {
      standing: 'no better',
      verdict: `${whose} on the base model: its held-out loss was ${loss(before)} before and is ${loss(after)} at best; ${caveats}${soFar}.`,
    };
  }
  const course = `held-out loss ${loss(after)}, ${loss(before)} before`;
  if (second === undefined)
    return {
      standing: 'alone',
      verdict: `${named(best)} improved on the base model (${course}); ${caveats}${soFar}.`,
    };

  const difference = second.summary[decidingMetric] - after;
  const parameters = parameterRatio(best, second);
  if (difference <= noise)
    return {
      standing: 'tied',
      verdict: `${named(best)} (${course}) and ${named(second)} can't be told apart: they differ by ${loss(difference)}, the former with ${parameters}; ${caveats}${soFar}.`,
    };
  return {
    standing: 'ahead',
    verdict: `${named(best)} is ahead (${course}), ${loss(difference)} below ${named(second)} and with ${parameters}; ${caveats}${soFar}.`,
  };
};

/** The lowest of many evaluations on the same rows is partly luck. */
const flatteryOf = (ranked: readonly CompletedRow[]): string => {
  const picked = ranked.filter(({ summary }) => summary['run/kept_step'] !== undefined);
  if (picked.length === 0) return '';
  return `; the loss of ${picked.map(named).join(' and ')} is the lowest of several evaluations on that part, which flatters it`;
};

const named = ({ name }: Row): string => `“${name}”`;

const loss = (value: number): string => value.toFixed(value < 0.1 ? 4 : 3);

const parameterRatio = (best: CompletedRow, second: CompletedRow): string => {
  const ratio = best.summary['run/trained_parameters'] / second.summary['run/trained_parameters'];
  if (Math.abs(ratio - 1) < 0.005) return 'as many trained parameters';
  return ratio > 1
    ? `${ratio.toFixed(1)} times the trained parameters`
    : `${(100 * ratio).toPrecision(2)} % of the trained parameters`;
};
