import { metricRegistry } from '../../../main/api/contract.ts';
import type { KnownMetric, MetricEntry, MetricUnit } from '../../../main/api/contract.ts';
import { formatAccuracy, formatBytes, formatCount, formatLoss, formatNumber, formatRate } from './number.ts';

type Format = (value: number | undefined) => string;

const formats: Record<MetricUnit, Format> = {
  loss: formatLoss,
  share: formatAccuracy,
  seconds: formatRate,
  'per second': formatRate,
  'pictures per second': formatRate,
  bytes: formatBytes,
  count: formatCount,
  rate: formatNumber,
  number: formatNumber,
};

/** A metric's value, as its unit is written. */
export const formatMetric = ({ unit }: Pick<MetricEntry, 'unit'>, value: number | undefined): string =>
  formats[unit](value);

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Those that stand beside each of the runs: the losses, and what else the runs have. */
export const metricsBeside = (has: (name: KnownMetric['name']) => boolean): KnownMetric[] =>
  metricRegistry.filter(({ name, group, shown }) => shown.beside && (group === 'loss' || has(name)));
