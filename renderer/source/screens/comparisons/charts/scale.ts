/** Where values stand on an axis. */
export interface Scale {
  /** From 0 at its start to 1 at its end; outside of that beyond the ends. */
  at(value: number): number;
  /** Round values within it. */
  readonly ticks: readonly number[];
  readonly low: number;
  readonly high: number;
}

/** The round number nearest above that steps can be counted in: 1, 2 or 5 times a power of ten. */
const roundStep = (least: number): number => {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((step) => step * power >= least) ?? 10);
};

const ticksBetween = (low: number, high: number, count: number): number[] => {
  const step = roundStep((high - low) / count);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // By whole numbers, so that no tick is 0.30000000000000004.
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
};

/** Where all values are the same there is still an axis, with the value in its middle. */
const widened = (low: number, high: number): [number, number] => {
  if (high > low) return [low, high];
  const half = low === 0 ? 1 : Math.abs(low) * 0.05;
  return [low - half, high + half];
};

const margin = 0.06;

/** @param values what has to fit; numbers that are not finite are left out */
export const linearScale = (values: readonly number[], count = 4): Scale => {
  const finite = values.filter(Number.isFinite);
  const [least, most] = widened(Math.min(...finite, Infinity), Math.max(...finite, -Infinity));
  if (!Number.isFinite(least) || !Number.isFinite(most)) return linearScale([0, 1], count);
  const low = least - margin * (most - least);
  const high = most + margin * (most - least);
  return { at: (value) => (value - low) / (high - low), ticks: ticksBetween(low, high, count), low, high };
};

/** Powers of ten, with 2 and 5 between them where there are few. Values have to be positive. */
export const logScale = (values: readonly number[]): Scale => {
  const positive = values.filter((value) => Number.isFinite(value) && value > 0).map(Math.log10);
  if (positive.length === 0) return linearScale([0, 1]);
  const { low, high } = linearScale(positive);
  const powers = Array.from(
    { length: Math.ceil(high) - Math.floor(low) + 1 },
    (_, index) => Math.floor(low) + index,
  );
  const steps = high - low < 2.5 ? [1, 2, 5] : [1];
  const ticks = powers
    .flatMap((power) => steps.map((step) => Number((step * 10 ** power).toPrecision(3))))
    .filter((tick) => Math.log10(tick) >= low && Math.log10(tick) <= high);
  return { at: (value) => (Math.log10(value) - low) / (high - low), ticks, low: 10 ** low, high: 10 ** high };
};

/**
 * Values that would press the others together are left to the edge: those whose distance is many times what the others span.
 * @param needed always within the scale
 * @param welcome within it where that leaves the needed ones room
 * @param always whether the welcome ones are within it in any case
 */
export const scaleWithRoom = (
  needed: readonly number[],
  welcome: readonly number[],
  always = false,
): Scale => {
  if (always) return linearScale([...needed, ...welcome]);
  const own = needed.filter(Number.isFinite);
  if (own.length === 0) return linearScale(welcome);
  const [low, high] = [Math.min(...own), Math.max(...own)];
  const reach = Math.max(high - low, Math.abs(high) * 0.02) * 6;
  const near = welcome.filter((value) => value >= low - reach && value <= high + reach);
  return linearScale([...own, ...near]);
};
