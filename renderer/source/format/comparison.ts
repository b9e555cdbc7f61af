import type {
  Comparison,
  ComparisonPhase,
  ComparisonStatus,
  CostUnit,
  Interval,
  MetricUnit,
  Standing,
  Verdict,
} from '../../../main/api/contract.ts';
import { formatMetric } from './metric.ts';
import { absent, formatBytes, formatCompact, formatCount, formatLoss, formatNumber } from './number.ts';
import type { Tone } from './run.ts';
import { formatSeconds } from './time.ts';

export type ComparisonAction = 'start' | 'pause' | 'cancel';

/** What each status is called, how it looks, and what can be done in it. */
export const comparisonStatuses: Record<
  ComparisonStatus,
  { label: string; tone: Tone; actions: ComparisonAction[] }
> = {
  created: { label: 'Not started', tone: 'neutral', actions: ['start'] },
  tuning: { label: 'Tuning', tone: 'active', actions: ['pause', 'cancel'] },
  training: { label: 'Training', tone: 'active', actions: ['pause', 'cancel'] },
  scoring: { label: 'Scoring', tone: 'active', actions: ['pause', 'cancel'] },
  diagnosing: { label: 'Diagnostics', tone: 'active', actions: ['pause', 'cancel'] },
  paused: { label: 'Paused', tone: 'warning', actions: ['start', 'cancel'] },
  cancelled: { label: 'Cancelled', tone: 'neutral', actions: ['start'] },
  completed: { label: 'Completed', tone: 'positive', actions: [] },
  failed: { label: 'Failed', tone: 'negative', actions: ['start'] },
};

export const phaseTitles: Record<ComparisonPhase['phase'], string> = {
  tuning: 'Tuning',
  training: 'Training',
  scoring: 'Scoring',
  diagnostics: 'Diagnostics',
};

export const verdictTones: Record<Verdict, Tone> = {
  better: 'positive',
  worse: 'negative',
  equivalent: 'active',
  inconclusive: 'neutral',
  'not comparable': 'warning',
};

export const standingTones: Record<Standing, Tone> = {
  better: 'positive',
  'no better': 'warning',
  worse: 'negative',
  unknown: 'neutral',
};

/** Whether there may be an answer: until then, asking for one is in vain. */
export const hasResults = ({ runs, assessments }: Comparison): boolean =>
  assessments.some(({ status, runId }) => status === 'completed' && runId !== null) ||
  runs.some(({ role, status }) => role === 'final' && status === 'completed');

const atTheirEnd: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled']);

/** Changes whenever the answer may: with runs and assessments that come to their end, or begin anew. */
export const stateOfResults = ({ runs, assessments }: Comparison): string =>
  [...runs.map(({ runId, status }) => ({ id: runId, status })), ...assessments]
    .filter(({ status }) => atTheirEnd.has(status))
    .map(({ id, status }) => `${id} ${status}`)
    .join();

/** A score, as its unit is written. */
export const formatScore = (unit: MetricUnit, value: number | null): string =>
  formatMetric({ unit }, value ?? undefined);

/** The difference of two scores with its sign; shares differ by points of a hundred. */
export const formatDifference = (unit: MetricUnit, value: number | null): string =>
  value === null ? absent : `${differenceText(unit, value)}${unit === 'share' ? ' points' : ''}`;

const differenceText = (unit: MetricUnit, value: number): string => {
  const size = unit === 'share' ? (100 * Math.abs(value)).toFixed(1) : formatSize(unit, Math.abs(value));
  if (Number(size) === 0) return size;
  return `${value < 0 ? '−' : '+'}${size}`;
};

const formatSize = (unit: MetricUnit, size: number): string =>
  unit === 'loss' ? formatLoss(size) : formatNumber(size);

/** `−2.1 to +0.4 points` */
export const formatDifferences = (unit: MetricUnit, { low, high }: Interval): string =>
  `${differenceText(unit, low)} to ${formatDifference(unit, high)}`;

/** An effect size: `−0.15`. */
export const formatSigned = (value: number): string => `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(2)}`;

/** An interval of scores: `0.412 to 0.430`. */
export const formatInterval = (interval: Interval | null, format: (value: number) => string): string =>
  interval === null ? absent : `${format(interval.low)} to ${format(interval.high)}`;

/** A p-value: never `0.000`, and never more digits than mean something. */
export const formatP = (p: number | null): string => {
  if (p === null) return absent;
  if (p < 0.001) return '< 0.001';
  return p.toFixed(p < 0.1 ? 3 : 2);
};

export const formatRatio = (ratio: number | null): string =>
  ratio === null ? absent : `${ratio >= 100 ? formatCount(Math.round(ratio)) : ratio.toPrecision(3)}×`;

const costFormats: Record<CostUnit, (value: number) => string> = {
  parameters: (value) => formatCount(value),
  bytes: (value) => formatBytes(value),
  steps: (value) => formatCount(value),
  flops: (value) => formatCompact(value),
  seconds: (value) => formatSeconds(value),
};

export const formatCost = (unit: CostUnit, value: number | null): string =>
  value === null ? absent : costFormats[unit](value);

/** `1 run`, `3 runs` */
export const counted = (count: number, what: string): string =>
  `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
