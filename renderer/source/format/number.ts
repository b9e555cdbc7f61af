const grouped = new Intl.NumberFormat('en-US');
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** Shown where there is no value. */
export const absent = '–';

type Maybe = number | null | undefined;

const orAbsent =
  (format: (value: number) => string) =>
  (value: Maybe): string =>
    value === null || value === undefined || Number.isNaN(value) ? absent : format(value);

export const formatCount = orAbsent((value) => grouped.format(value));
export const formatCompact = orAbsent((value) => compact.format(value));
export const formatLoss = orAbsent((value) => value.toFixed(4));
export const formatChange = orAbsent((value) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`);
/** Three digits or so, aligned on the point. */
export const formatRate = orAbsent((value) => {
  if (value >= 100) return grouped.format(Math.round(value));
  if (value >= 10) return value.toFixed(1);
  return value.toFixed(value >= 1 ? 2 : 3);
});
const small = (value: number): string => Number(value.toPrecision(3)).toExponential().replaceAll('-', '−');
const isSmall = (value: number): boolean => value !== 0 && Math.abs(value) < 1e-3;

/** Whatever its size: 2e-4, 0.512, 12.3, 4,830. */
export const formatNumber = orAbsent((value) => {
  if (value === 0) return '0';
  if (isSmall(value)) return small(value);
  return Math.abs(value) < 0.1 ? String(Number(value.toPrecision(3))) : formatRate(value);
});

const tick = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 });
/** At an axis: as many digits as tell it from its neighbours. */
export const formatTick = (value: number): string => (isSmall(value) ? small(value) : tick.format(value));

/** Two digits that count: 87 %, 1.2 %, 0.034 %, and never more than there is: 100 %. */
export const formatShare = orAbsent((value) => {
  const percent = value * 100;
  if (Math.abs(percent) >= 9.95) return `${grouped.format(Math.round(percent))} %`;
  return `${isSmall(percent) ? small(percent) : percent.toPrecision(2)} %`;
});
/** The most or the least that a field takes: all its digits. */
export const formatLimit = (value: number | bigint): string =>
  Number.isInteger(Number(value)) ? grouped.format(value) : String(value);
export const formatAccuracy = orAbsent((value) => `${(value * 100).toFixed(1)} %`);
/** For differences that ought to be tiny. */
export const formatTiny = orAbsent((value) => (value === 0 ? '0' : value.toExponential(1).replace('-', '−')));

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** As a person would type it: 100, 0.5, 2e-4. Empty where there is no value. */
export const formatPlain = (value: number | null): string => {
  if (value === null || Number.isNaN(value)) return '';
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
};

/** Decimal units, as file managers and disks have them. */
export const formatBytes = orAbsent((value) => {
  const power = value < 1 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), units.length - 1);
  const scaled = value / 1000 ** power;
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toPrecision(3)} ${units[power]}`;
});
