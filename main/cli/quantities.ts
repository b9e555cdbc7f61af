import type { MetricEntry, MetricUnit } from '../api/contract.ts';

const english = 'en-US';

/** 12,345 */
export const countText = (count: number): string => count.toLocaleString(english);

/** 1.2 GB, in powers of ten */
export const bytesText = (bytes: number): string => scaled(bytes, ['B', 'kB', 'MB', 'GB', 'TB']);

/** 0.123 or 12.3: three digits that count */
export const secondsText = (seconds: number): string =>
  seconds >= 100 ? seconds.toFixed(0) : seconds.toFixed(seconds >= 10 ? 1 : seconds >= 1 ? 2 : 3);

export const lossText = (loss: number): string => loss.toFixed(4);

/** 87.5 % */
const shareText = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Three digits that count, whatever the size: 2e-4, 0.512, 12.3, 4,830 */
const numberText = (value: number): string => {
  if (value === 0) return '0';
  if (Math.abs(value) < 1e-3) return Number(value.toPrecision(3)).toExponential();
  if (Math.abs(value) < 0.1) return String(Number(value.toPrecision(3)));
  return Math.abs(value) < 1000 ? secondsText(value) : countText(Math.round(value));
};

const unitTexts: Readonly<Record<MetricUnit, (value: number) => string>> = {
  loss: lossText,
  share: shareText,
  seconds: secondsText,
  'per second': numberText,
  'pictures per second': numberText,
  bytes: bytesText,
  count: countText,
  rate: numberText,
  number: numberText,
};

/** A metric's value, as its unit is written. */
export const metricText = ({ unit }: Pick<MetricEntry, 'unit'>, value: number | undefined): string =>
  value === undefined ? '–' : unitTexts[unit](value);

/** 1.2e-6 */
export const differenceText = (difference: number): string =>
  difference === 0 ? '0' : difference.toExponential(1);

/** `1 row`, `2 rows` */
export const plural = (count: number, noun: string): string =>
  `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;

/** `7 of 100`; `0 of ?` while the steps of so many epochs or tokens are not counted yet */
export const stepsText = ({
  step,
  steps,
}: {
  readonly step: number;
  readonly steps: number | null;
}): string => `${countText(step)} of ${steps === null ? '?' : countText(steps)}`;

/** 2026-01-31 14:05 in local time */
export const timeText = (time: string): string => {
  const date = new Date(time);
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
};

const scaled = (value: number, units: readonly string[]): string => {
  const power = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  const number = value / 1000 ** power;
  return `${power === 0 || number >= 100 ? number.toFixed(0) : number.toFixed(1)} ${units[power]}`;
};
