import type { MetricUnit } from '../../../../../engine/metrics/metric.ts';
import { differenceText, valueText } from '../../../answer/number-text.ts';

export interface Scale {
  /** From a value to a place on the page. */
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Whole steps of 1, 2 or 5 times a power of ten, about `count` of them, that lie within the values. */
const evenTicks = (low: number, high: number, count: number): number[] => {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + 1e-9 * step; index++)
    ticks.push(Number((index * step).toPrecision(12)));
  return ticks;
};

/** Evenly, with a little room beyond the outermost values. */
export const linearScale = (
  values: readonly number[],
  from: number,
  to: number,
  count = 5,
  room = 0.06,
): Scale => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const reach = most - least || Math.abs(most) || 1;
  const [low, high] = [least - room * reach, most + room * reach];
  const at = (value: number): number => from + ((value - low) / (high - low)) * (to - from);
  return { at, ticks: evenTicks(low, high, count) };
};

/** By powers; values above zero. */
export const logScale = (values: readonly number[], from: number, to: number): Scale => {
  const logs = values.map(Math.log10);
  const inner = linearScale(logs, from, to);
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const room = 0.06 * (high - low || 1);
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++)
    for (const factor of high - low > 2.5 ? [1] : high - low > 1 ? [1, 3] : [1, 2, 5]) {
      const log = Math.log10(factor) + power;
      if (log >= low - room && log <= high + room) ticks.push(factor * 10 ** power);
    }
  return {
    at: (value) => inner.at(Math.log10(value)),
    ticks: ticks.map((tick) => Number(tick.toPrecision(12))),
  };
};

/** A tick's value without zeros that say nothing: "65 %", "2.5". */
export const tickText = (tick: number, unit: MetricUnit): string => shortened(valueText(tick, unit));

/** The same of a difference, shares in points without the word: "−8", "0.04". */
export const differenceTickText = (tick: number, unit: MetricUnit): string =>
  shortened(differenceText(tick, unit).replace(' points', ''));

const shortened = (text: string): string =>
  text.replace(/(\.\d*?)0+(?=\D|$)/, (_, kept: string) => (kept === '.' ? '' : kept));
