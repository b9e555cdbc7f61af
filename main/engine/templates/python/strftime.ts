import { unsupported } from '../template-error.ts';

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** A number with the width it is filled to and what fills it. */
type Field = string | readonly [value: number, width: number, fill: '0' | ' '];

const dayOfYear = (date: Date): number =>
  Math.round(
    (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - yearStart(date)) / 864e5,
  );
const yearStart = (date: Date): number => Date.UTC(date.getUTCFullYear(), 0, 1);

/** Weeks that begin on Sunday (0) or Monday (1); days before the first are in week 0. */
const weekOf = (date: Date, firstDay: number): number =>
  Math.floor((dayOfYear(date) + 7 - ((date.getUTCDay() - firstDay + 7) % 7)) / 7);

/** Year and week by ISO 8601: a week belongs to the year that its Thursday is in. */
const isoWeek = (date: Date): [year: number, week: number] => {
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * 864e5);
  return [thursday.getUTCFullYear(), Math.floor(dayOfYear(thursday) / 7) + 1];
};

/** By the C library of Linux in the C locale. The time of day is midnight, in no time zone. */
const fields: Readonly<Record<string, (date: Date) => Field>> = {
  a: (date) => days[date.getUTCDay()]!.slice(0, 3),
  A: (date) => days[date.getUTCDay()]!,
  b: (date) => months[date.getUTCMonth()]!.slice(0, 3),
  B: (date) => months[date.getUTCMonth()]!,
  c: (date) => strftime(date, '%a %b %e %H:%M:%S %Y'),
  C: (date) => [Math.floor(date.getUTCFullYear() / 100), 2, '0'],
  d: (date) => [date.getUTCDate(), 2, '0'],
  D: (date) => strftime(date, '%m/%d/%y'),
  e: (date) => [date.getUTCDate(), 2, ' '],
  f: () => '000000',
  F: (date) => strftime(date, '%Y-%m-%d'),
  g: (date) => [isoWeek(date)[0] % 100, 2, '0'],
  G: (date) => [isoWeek(date)[0], 1, '0'],
  h: (date) => months[date.getUTCMonth()]!.slice(0, 3),
  H: () => [0, 2, '0'],
  I: () => [12, 2, '0'],
  j: (date) => [dayOfYear(date) + 1, 3, '0'],
  k: () => [0, 2, ' '],
  l: () => [12, 2, ' '],
  m: (date) => [date.getUTCMonth() + 1, 2, '0'],
  M: () => [0, 2, '0'],
  n: () => '\n',
  p: () => 'AM',
  P: () => 'am',
  r: () => '12:00:00 AM',
  R: () => '00:00',
  S: () => [0, 2, '0'],
  t: () => '\t',
  T: () => '00:00:00',
  u: (date) => [date.getUTCDay() || 7, 1, '0'],
  U: (date) => [weekOf(date, 0), 2, '0'],
  V: (date) => [isoWeek(date)[1], 2, '0'],
  w: (date) => [date.getUTCDay(), 1, '0'],
  W: (date) => [weekOf(date, 1), 2, '0'],
  x: (date) => strftime(date, '%m/%d/%y'),
  X: () => '00:00:00',
  y: (date) => [date.getUTCFullYear() % 100, 2, '0'],
  Y: (date) => [date.getUTCFullYear(), 1, '0'],
  z: () => '',
  Z: () => '',
  '%': () => '%',
};

/**
 * datetime.strftime in the C locale, of a day by its UTC fields at 00:00:00. The flags -, _, 0 and ^ may stand before a code.
 * @throws TemplateError for codes that mean something else on other machines, or that depend on a time zone
 */
export const strftime = (date: Date, format: string): string =>
  format.replaceAll(/%([-_0^]?)([\s\S]?)/gu, (whole, flag: string, code: string) => {
    const field = Object.hasOwn(fields, code) ? fields[code] : undefined;
    if (field === undefined) throw unsupported(`the date format "${whole}"`);
    return layOut(field(date), flag, whole);
  });

const layOut = (field: Field, flag: string, whole: string): string => {
  if (typeof field === 'string') {
    if (flag === '^') return field.toUpperCase();
    if (flag !== '') throw unsupported(`the date format "${whole}"`);
    return field;
  }
  const [value, width, fill] = field;
  switch (flag) {
    case '-':
      return String(value);
    case '_':
      return String(value).padStart(width, ' ');
    case '0':
      return String(value).padStart(width, '0');
    default:
      return String(value).padStart(width, fill);
  }
};
