import { isObject } from '../../../engine/json-value.ts';

/** A number as people write it: 0.0003 and 1e-7, 12345. */
const numberText = (value: number): string => {
  if (value === 0 || (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e6)) return String(value);
  return value.toExponential().replace('e+', 'e');
};

/** A setting's value in a line. */
export const settingText = (value: unknown): string => {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(settingText).join(', ');
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, one]) => `${key} ${settingText(one)}`);
  return entries.length === 0 ? 'none' : entries.join(', ');
};
