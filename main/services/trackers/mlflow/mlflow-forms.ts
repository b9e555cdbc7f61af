import type { Setting, TimedMetric, TrackedRun } from '../tracked-run.ts';

/** What one request of MLflow's takes at most. */
export const limits = { metrics: 1000, parameters: 100, key: 250, parameter: 6000, tag: 5000 } as const;

export interface MlflowMetric {
  readonly key: string;
  /** What JSON has no number for goes as its name. */
  readonly value: number | 'NaN' | 'Infinity' | '-Infinity';
  readonly timestamp: number;
  readonly step: number;
}

export interface MlflowEntry {
  readonly key: string;
  readonly value: string;
}

/**
 * `validation/loss/before` stands beside `validation/loss` here, but MLflow's stores of files make a folder of what is before a slash: no
 * metric may be a folder of another.
 */
export const metricKey = (name: string): string => {
  const [group, ...rest] = name.split('/');
  const key = rest.length === 0 ? (group as string) : `${group}/${rest.join('.')}`;
  return key.replaceAll(/[^\w./ -]/g, '_').slice(0, limits.key);
};

const numberOf = (value: number): MlflowMetric['value'] =>
  Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';

export const metricOf = ({ name, value, step, time }: TimedMetric): MlflowMetric => ({
  key: metricKey(name),
  value: numberOf(value),
  timestamp: time,
  step,
});

export const parameterOf = (key: string, value: Setting): MlflowEntry => ({
  key: key.slice(0, limits.key),
  value: String(value).slice(0, limits.parameter),
});

export const tagOf = (key: string, value: string): MlflowEntry => ({
  key,
  value: value.slice(0, limits.tag),
});

/** MLflow's word for where a run stands. */
export const statusOf = ({ status }: TrackedRun): string => {
  switch (status) {
    case 'completed':
      return 'FINISHED';
    case 'failed':
    case 'interrupted':
      return 'FAILED';
    case 'cancelled':
      return 'KILLED';
    case 'created':
    case 'queued':
    case 'paused':
      return 'SCHEDULED';
    default:
      return 'RUNNING';
  }
};
