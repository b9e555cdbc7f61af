import { absent } from './number.ts';

/** How long: 0.042 s, 4.2 s, 3 min 12 s, 2 h 5 min. */
export const formatSeconds = (seconds: number | null | undefined): string => {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return absent;
  if (seconds < 60) return `${seconds.toPrecision(seconds < 0.1 ? 2 : 3)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
};

/** On an axis: 0.5 s, 45 s, 3:20 min, 2:05 h. */
export const formatClock = (seconds: number): string => {
  if (seconds < 60) return `${Number(seconds.toPrecision(3))} s`;
  const whole = Math.round(seconds);
  const padded = (part: number): string => String(part).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)}:${padded(whole % 60)} min`;
  return `${Math.floor(whole / 3600)}:${padded(Math.floor((whole % 3600) / 60))} h`;
};

/** An estimate: whole seconds are precise enough. */
export const formatRemaining = (seconds: number): string =>
  seconds < 60 ? `${Math.ceil(seconds)} s` : formatSeconds(seconds);

const ago = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const steps: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** `2 hours ago`; a plain date once it is more than a week. */
export const formatAgo = (time: string, now = Date.now()): string => {
  const seconds = (Date.parse(time) - now) / 1000;
  if (seconds < -7 * 86_400) return new Date(time).toLocaleDateString('en', { dateStyle: 'medium' });
  const step = steps.find(([, length]) => Math.abs(seconds) >= length);
  return step === undefined ? 'just now' : ago.format(Math.round(seconds / step[1]), step[0]);
};
