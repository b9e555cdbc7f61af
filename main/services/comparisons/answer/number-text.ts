import type { MetricUnit } from '../../../engine/metrics/metric.ts';
import type { Interval } from './comparison-answer.ts';

/** Numbers as an answer writes them. A true minus sign, no digits that nobody can use. */

const signed = (text: string): string => (text.startsWith('-') ? `−${text.slice(1)}` : text);
const plain = (text: string): string => signed(/^-0(\.0*)?$/.test(text) ? text.slice(1) : text);

/** Three significant digits, without an exponent where the number is of a usual size. */
const significant = (value: number, digits = 3): string => {
  if (value === 0) return '0';
  const far = Math.abs(value);
  if (far < 1e-4 || far >= 1e6) return signed(value.toExponential(digits - 1).replace('e+', 'e'));
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(far)));
  return plain(value.toFixed(decimals));
};

const byteNames = ['B', 'kB', 'MB', 'GB', 'TB'];
const bytes = (value: number): string => {
  const step = value === 0 ? 0 : Math.min(4, Math.max(0, Math.floor(Math.log10(Math.abs(value)) / 3)));
  return `${significant(value / 1000 ** step)} ${byteNames[step]}`;
};

const grouped = (value: number): string =>
  Number.isInteger(value) ? signed(value.toLocaleString('en-US')) : significant(value);

const writers: Readonly<Record<MetricUnit, (value: number) => string>> = {
  loss: (value) => plain(value.toFixed(4)),
  share: (value) => `${plain((100 * value).toFixed(1))} %`,
  seconds: (value) => `${significant(value)} s`,
  'per second': (value) => `${significant(value)}/s`,
  'pictures per second': (value) => `${significant(value)}/s`,
  bytes,
  count: grouped,
  rate: (value) => significant(value, 2),
  number: (value) => significant(value, 4),
};

/** A value in its unit: "62.4 %", "2.7183", "1.24 GB". */
export const valueText = (value: number, unit: MetricUnit): string => writers[unit](value);

/** A difference in its unit; of shares in points, that is hundredths: "2.1 points". */
export const differenceText = (value: number, unit: MetricUnit): string =>
  unit === 'share' ? `${pointsText(value)} points` : differenceNumber(value, unit);

const pointsText = (value: number): string => plain((100 * value).toFixed(Math.abs(value) < 0.01 ? 2 : 1));
const differenceNumber = (value: number, unit: MetricUnit): string =>
  unit === 'loss' ? significant(value) : writers[unit](value);

/** Ends of an interval of differences: "−0.4 to 3.8 points". */
export const differenceIntervalText = ({ low, high }: Interval, unit: MetricUnit): string =>
  unit === 'share'
    ? `${pointsText(low)} to ${pointsText(high)} points`
    : `${differenceNumber(low, unit)} to ${differenceNumber(high, unit)}`;

export const valueIntervalText = ({ low, high }: Interval, unit: MetricUnit): string =>
  `${valueText(low, unit)} to ${valueText(high, unit)}`;

/** "p = 0.018", "p < 0.001". */
export const pText = (p: number): string => {
  if (p < 0.001) return 'p < 0.001';
  return `p = ${p < 0.1 ? p.toFixed(3) : p.toFixed(2)}`;
};

/** "95 %" of a level of 0.05. */
export const confidenceText = (level: number): string => `${Number((100 * (1 - level)).toFixed(4))} %`;

/** "a", "a and b", "a, b and c". */
export const listText = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** "1, 4 and 16 shots". */
export const shotsText = (shots: readonly number[]): string =>
  `${listText(shots.map(String))} ${shots.length === 1 && shots[0] === 1 ? 'shot' : 'shots'}`;

/** "1 seed", "3 seeds". */
export const countText = (count: number, word: string): string =>
  `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;
